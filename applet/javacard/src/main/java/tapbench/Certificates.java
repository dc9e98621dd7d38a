package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * Compact certificates: type 1 | issuer 8 | subject 16 | key 65 | expiry 4 | signature 64. The
 * element has no clock and looks at no expiry. Whatever is wrong gives 6A80.
 */
final class Certificates {
    static final short ISSUER = 1;
    static final short SUBJECT = 9;
    static final short KEY = 25;
    static final short SIGNATURE = 94;

    private static final byte UNCOMPRESSED = 0x04;
    private static final byte SPACE = 0x20;

    private final Signing signing;

    Certificates(Signing signing) {
        this.signing = signing;
    }

    /** Checks a certificate's type, issuer and signature; ca is ID_CA [8] || PK_CA [65]. */
    void check(byte type, byte[] ca, short caOff, byte[] raw, short off) {
        if (raw[off] != type || !isPoint(raw, (short) (off + KEY))
            || Util.arrayCompare(raw, (short) (off + ISSUER), ca, caOff, Wire.PARTY_ID_LEN) != 0) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return;
        }
        signing.begin(ca, (short) (caOff + Wire.PARTY_ID_LEN), type);
        signing.update(raw, (short) (off + ISSUER), (short) (SIGNATURE - ISSUER));
        signing.check(raw, (short) (off + SIGNATURE));
    }

    /** Checks a party's two certificates, one after the other: both are of the same party. */
    void checkParty(byte sign, byte kem, byte[] ca, short caOff, byte[] raw, short off) {
        check(sign, ca, caOff, raw, off);
        short second = (short) (off + Wire.CERTIFICATE_LEN);
        check(kem, ca, caOff, raw, second);
        checkSubject(raw, (short) (off + SUBJECT), raw, second);
        checkSubject(raw, (short) (off + SUBJECT), raw, off);
    }

    /** Checks that a certificate's subject is a party's ID [8] and 8 spaces. */
    void checkSubject(byte[] id, short idOff, byte[] raw, short off) {
        short subject = (short) (off + SUBJECT);
        short wrong = (short) (Util.arrayCompare(id, idOff, raw, subject, Wire.PARTY_ID_LEN) == 0
            ? 0 : 1);
        for (short i = Wire.PARTY_ID_LEN; i < Wire.USER_ID_LEN; i++) {
            wrong |= (short) (raw[(short) (subject + i)] ^ SPACE);
        }
        if (wrong != 0) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
        }
    }

    /** Says whether bytes from outside look like a public key. */
    static boolean isPoint(byte[] raw, short off) {
        return raw[off] == UNCOMPRESSED;
    }
}
