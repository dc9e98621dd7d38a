package tapbench;

import javacard.framework.Util;
import javacard.security.MessageDigest;

/**
 * A token's hash chain: w_{i-1} = SHA-256(type || label || seed tag || i || w_i), the seed tag the
 * first bytes of X of PK_t. A step's input, 52 bytes, lies in {@link Transients#STEP}.
 */
final class Chain {
    private static final short SEED_TAG = (short) (Transients.STEP + 1 + Wire.LABEL.length);
    private static final short NUMBER = (short) (SEED_TAG + Wire.SEED_TAG_LEN);
    /** Where the newest value lies in the work array. */
    static final short VALUE = (short) (NUMBER + 1);
    private static final short STEP_LEN = (short) (VALUE + Wire.HASH_LEN - Transients.STEP);

    private final MessageDigest sha256;
    private final Transients ram;

    /** Takes SHA-256. */
    Chain(MessageDigest sha256, Transients ram) {
        this.sha256 = sha256;
        this.ram = ram;
    }

    /** Begins on a token's chain with a value [32], which the first step starts from. */
    void begin(byte[] token, byte[] value, short off) {
        byte[] work = ram.work;
        Transcript.prefix(Wire.MSG_TOKEN_CHAIN, work, Transients.STEP);
        Util.arrayCopyNonAtomic(token, (short) (TokenSlot.KEY + 1), work, SEED_TAG,
            Wire.SEED_TAG_LEN);
        Util.arrayCopyNonAtomic(value, off, work, VALUE, Wire.HASH_LEN);
        sha256.reset();
    }

    /** Goes from w_i, which lies in {@link #VALUE}, to w_{i-1}, which lies there then. */
    void step(short i) {
        byte[] work = ram.work;
        work[NUMBER] = (byte) i;
        sha256.doFinal(work, Transients.STEP, STEP_LEN, work, VALUE);
    }

    /** Writes w_j [32] of a whole chain of n units, 1 <= j <= n: at most 8 steps. */
    void value(byte[] token, short j, byte[] out, short off) {
        short n = (short) (token[TokenSlot.UNITS] & 0xFF);
        short checkpoint = (short) ((short) (n - j) / Wire.CHECKPOINT_GAP);
        begin(token, token, (short) (TokenSlot.CHECKPOINTS + checkpoint * Wire.HASH_LEN));
        for (short i = (short) (n - checkpoint * Wire.CHECKPOINT_GAP); i > j; i--) {
            step(i);
        }
        Util.arrayCopyNonAtomic(ram.work, VALUE, out, off, Wire.HASH_LEN);
    }
}
