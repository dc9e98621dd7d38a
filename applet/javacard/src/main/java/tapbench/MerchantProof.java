package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * What a mutual arming wants of the merchant before anything is shown that identifies a card or a
 * token. Each payment application has its own.
 */
final class MerchantProof {
    private static final short TIME_LEN = 4;
    private static final short EXPIRY = 90; // in a certificate
    static final short DATA_LEN = (short) (TIME_LEN + Wire.CERTIFICATE_LEN + Wire.SIGNATURE_LEN);
    private static final short HASH = DATA_LEN; // H(CERT_M), behind the data

    private final Element element;
    private final Transients ram;
    private final boolean offline;

    /** Takes whether taps are offline: whether they said time and certificate before. */
    MerchantProof(Element element, boolean offline) {
        this.element = element;
        this.offline = offline;
        ram = element.ram;
    }

    /** Says whether nothing may be shown yet. */
    boolean isMissing() {
        return ram.tap[TapState.WANTED] != 0 && ram.tap[TapState.GIVEN] == 0;
    }

    /** Makes a challenge, if the arming is mutual, and appends it to the answer. */
    short challenge(byte[] out, short at) {
        byte[] tap = ram.tap;
        if ((byte) (element.persistent.arming[Arming.CONDITIONS] & Wire.ARM_MUTUAL) == 0) {
            return at;
        }
        element.random(tap, TapState.CHALLENGE, Wire.NONCE_LEN);
        tap[TapState.WANTED] = 1;
        tap[TapState.HELD] = 1;
        return Emv.put(Wire.TAG_MERCHANT_CHALLENGE, tap, TapState.CHALLENGE, Wire.NONCE_LEN, out,
            at);
    }

    /**
     * EXTERNAL AUTHENTICATE (00 82): time [4] || CERT_M [158] || signature [64]. No challenge held:
     * 6985. Whatever is wrong: 6982. The challenge is gone.
     */
    short authenticate() {
        byte[] tap = ram.tap;
        if (tap[TapState.HELD] == 0) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
            return 0;
        }
        tap[TapState.HELD] = 0;
        tap[TapState.GIVEN] = 0;
        boolean right;
        try {
            right = isMerchant(ram.buffer);
        } catch (ISOException e) {
            right = false;
        }
        Util.arrayFillNonAtomic(tap, TapState.CHALLENGE, Wire.NONCE_LEN, (byte) 0);
        tap[TapState.GIVEN] = (byte) (right ? 1 : 0);
        if (!right) {
            ISOException.throwIt(Wire.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
        return 0;
    }

    private boolean isMerchant(byte[] data) {
        byte[] tap = ram.tap;
        short cert = TIME_LEN;
        element.transcript.identify(data, cert, Wire.CERTIFICATE_LEN);
        Util.arrayCopyNonAtomic(ram.work, Transients.IDENTITY, data, HASH, Wire.HASH_LEN);
        if (offline && (Util.arrayCompare(data, HASH, tap, TapState.CERTIFICATE, Wire.HASH_LEN)
            != 0 || Util.arrayCompare(data, (short) 0, tap, TapState.TIME, TIME_LEN) != 0)) {
            return false;
        }
        byte[] tid = account();
        if (Util.arrayCompare(data, (short) (cert + Certificates.SUBJECT), tap,
            TapState.MERCHANT, Wire.MERCHANT_LEN) != 0
            || tid[TidSlot.HAS_TIME] != 0 && Unsigned.isBelow(data, (short) (cert + EXPIRY), tid,
                TidSlot.TIME, Wire.EPOCH_LEN)) {
            return false;
        }
        element.certificates.check(Wire.CERT_MERCHANT, element.persistent.card, CardState.CA,
            data, cert);
        Signing signing = element.signing;
        signing.begin(data, (short) (cert + Certificates.KEY), Wire.MSG_MERCHANT_AUTH);
        signing.update(tap, TapState.CHALLENGE, Wire.NONCE_LEN);
        signing.update(data, HASH, Wire.HASH_LEN);
        signing.update(tap, TapState.TERMS, (short) (Wire.AMOUNT_LEN + Wire.CURRENCY_LEN));
        signing.update(data, (short) 0, TIME_LEN);
        signing.update(tap, TapState.UN, Wire.UN_LEN);
        return signing.verify(data, (short) (cert + Wire.CERTIFICATE_LEN));
    }

    /** Returns the TSM account that pays. */
    private byte[] account() {
        byte slot = ram.tap[TapState.SLOT];
        Persistent state = element.persistent;
        return state.tid(offline ? state.token(slot)[TokenSlot.TID]
            : state.card(slot)[CardSlot.TID]);
    }
}
