package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.Signature;

/**
 * ECDSA over SHA-256 as the protocol writes it: r || s, 32 bytes each, s at most n / 2. The
 * platform hashes and speaks DER (X9.62), so that what is signed is streamed: type || label, then
 * the transcript and the fields, as {@link #update} is called. Every signature begins so; nothing
 * else can be signed.
 */
final class Signing {
    private static final byte SEQUENCE = 0x30;
    private static final byte INTEGER = 0x02;
    private static final short HALF = Curve.SCALAR_LEN;
    private static final short MAX_DER = 72;

    private final Signature ecdsa;
    private final ECPublicKey signer;
    private final Transients ram;

    /** Takes ECDSA with SHA-256, and the key object for checks. */
    Signing(Signature ecdsa, ECPublicKey signer, Transients ram) {
        this.ecdsa = ecdsa;
        this.signer = signer;
        this.ram = ram;
    }

    /** Begins a signature with type || label. */
    void begin(ECPrivateKey key, byte type) {
        ecdsa.init(key, Signature.MODE_SIGN);
        prefix(type);
    }

    /** Begins a check with type || label, by a public key [65]. One off the curve gives 6A80. */
    void begin(byte[] key, short off, byte type) {
        beginBare(key, off);
        prefix(type);
    }

    /** Begins a check of what others sign without a type: a TPM's quote. */
    void beginBare(byte[] key, short off) {
        if (!Certificates.isPoint(key, off)) { // platforms take other encodings too
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return;
        }
        try {
            signer.setW(key, off, Wire.POINT_LEN);
            ecdsa.init(signer, Signature.MODE_VERIFY);
        } catch (RuntimeException e) { // should be a CryptoException, isn't on every platform
            ISOException.throwIt(Wire.SW_WRONG_DATA);
        }
    }

    private void prefix(byte type) {
        ram.work[Transients.CONTEXT] = type;
        ecdsa.update(ram.work, Transients.CONTEXT, (short) 1);
        ecdsa.update(Wire.LABEL, (short) 0, (short) Wire.LABEL.length);
    }

    /** Adds bytes to what is signed or checked. */
    void update(byte[] buf, short off, short len) {
        ecdsa.update(buf, off, len);
    }

    /** Ends a signature and writes its 64 bytes. */
    void sign(byte[] out, short off) {
        byte[] work = ram.work;
        ecdsa.sign(work, (short) 0, (short) 0, work, Transients.DER);
        // 30 len 02 len r 02 len s; the platform's own, so its layout is as it must be.
        short at = (short) (Transients.DER + 3);
        scalar(work, at, out, off);
        at = (short) (at + 1 + work[at] + 1);
        scalar(work, at, out, (short) (off + HALF));
        if (Curve.isHigh(out, (short) (off + HALF))) {
            Curve.negate(out, (short) (off + HALF));
        }
        Util.arrayFillNonAtomic(work, Transients.DER, MAX_DER, (byte) 0);
    }

    /** Copies an INTEGER, given by its length byte, to 32 bytes. */
    private static void scalar(byte[] der, short at, byte[] out, short off) {
        short len = der[at];
        short from = (short) (at + 1);
        if (len > HALF) { // a leading zero
            from = (short) (from + len - HALF);
            len = HALF;
        }
        Util.arrayFillNonAtomic(out, off, HALF, (byte) 0);
        Util.arrayCopyNonAtomic(der, from, out, (short) (off + HALF - len), len);
    }

    /** Ends a check: says whether 64 bytes are the signature. The form with s above n / 2 isn't. */
    boolean verify(byte[] sig, short off) {
        if (Curve.isHigh(sig, (short) (off + HALF))) {
            return false;
        }
        byte[] work = ram.work;
        short end = integer(sig, off, (short) (Transients.DER + 2));
        end = integer(sig, (short) (off + HALF), end);
        work[Transients.DER] = SEQUENCE;
        work[(short) (Transients.DER + 1)] = (byte) (end - Transients.DER - 2);
        try {
            return ecdsa.verify(work, (short) 0, (short) 0, work, Transients.DER,
                (short) (end - Transients.DER));
        } catch (RuntimeException e) { // a key off the curve, on some platforms
            return false;
        }
    }

    /** Ends a check: 6A80 unless 64 bytes are the signature. */
    void check(byte[] sig, short off) {
        if (!verify(sig, off)) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
        }
    }

    /** Writes 32 bytes as an INTEGER into the work array and returns its end. */
    private short integer(byte[] raw, short off, short to) {
        byte[] work = ram.work;
        short len = HALF;
        while (len > 1 && raw[off] == 0) { // of r and s a forger may send any
            off++;
            len--;
        }
        short zero = (short) (raw[off] < 0 ? 1 : 0);
        work[to] = INTEGER;
        work[(short) (to + 1)] = (byte) (len + zero);
        work[(short) (to + 2)] = 0;
        Util.arrayCopyNonAtomic(raw, off, work, (short) (to + 2 + zero), len);
        return (short) (to + 2 + zero + len);
    }
}
