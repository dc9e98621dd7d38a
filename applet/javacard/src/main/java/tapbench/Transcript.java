package tapbench;

import javacard.framework.Util;
import javacard.security.MessageDigest;

/**
 * The transcripts of the protocol: th_0 = SHA-256(label || phase || roles || responder's ID), th_k
 * = SHA-256(th_{k-1} || message as sent). The newest lies in {@link Transients#TH}. The hashes of
 * public keys by which others know the element are made here too.
 */
final class Transcript {
    private final MessageDigest sha256;
    private final Transients ram;

    /** Takes SHA-256. */
    Transcript(MessageDigest sha256, Transients ram) {
        this.sha256 = sha256;
        this.ram = ram;
    }

    /** Makes th_0 of the user towards a responder with an ID [8]. */
    void begin(byte phase, byte responder, byte[] id, short off) {
        begin(phase, Wire.ROLE_USER, responder, id, off);
    }

    /** Makes th_0. */
    void begin(byte phase, byte initiator, byte responder, byte[] id, short off) {
        byte[] work = ram.work;
        work[Transients.TH] = phase;
        work[(short) (Transients.TH + 1)] = initiator;
        work[(short) (Transients.TH + 2)] = responder;
        sha256.reset();
        sha256.update(Wire.LABEL, (short) 0, (short) Wire.LABEL.length);
        sha256.update(work, Transients.TH, (short) 3);
        sha256.doFinal(id, off, Wire.PARTY_ID_LEN, work, Transients.TH);
    }

    /** Makes the next one from one that is given and a message as sent. */
    void next(byte[] th, short thOff, byte[] message, short off, short len) {
        sha256.reset();
        sha256.update(th, thOff, Wire.HASH_LEN);
        sha256.doFinal(message, off, len, ram.work, Transients.TH);
    }

    /** Makes the next one from the newest. */
    void next(byte[] message, short off, short len) {
        next(ram.work, Transients.TH, message, off, len);
    }

    /** Hashes bytes, such as keys, to {@link Transients#IDENTITY}. */
    void identify(byte[] keys, short off, short len) {
        sha256.reset();
        sha256.doFinal(keys, off, len, ram.work, Transients.IDENTITY);
    }

    /** Writes c_T = SHA-256(type || label || TID || keys || rho), over {@link TidSlot#SIGN_KEY}. */
    void commit(byte[] tid, byte[] rho, short rhoOff, byte[] out, short off) {
        byte[] work = ram.work;
        identify(tid, TidSlot.SIGN_KEY, (short) (2 * Wire.POINT_LEN));
        work[Transients.CONTEXT] = Wire.MSG_COMMITMENT;
        sha256.update(work, Transients.CONTEXT, (short) 1);
        sha256.update(Wire.LABEL, (short) 0, (short) Wire.LABEL.length);
        sha256.update(work, Transients.IDENTITY, Wire.HASH_LEN);
        sha256.update(tid, TidSlot.SIGN_KEY, (short) (2 * Wire.POINT_LEN));
        sha256.doFinal(rho, rhoOff, Wire.HASH_LEN, out, off);
    }

    /** Writes type || label, with which every structure begins, and returns where it ends. */
    static short prefix(byte type, byte[] out, short off) {
        out[off] = type;
        return Util.arrayCopyNonAtomic(Wire.LABEL, (short) 0, out, (short) (off + 1),
            (short) Wire.LABEL.length);
    }
}
