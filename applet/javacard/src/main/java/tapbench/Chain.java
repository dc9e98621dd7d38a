package tapbench;

import javacard.framework.Util;
import javacard.security.MessageDigest;

/**
 * A token's hash chain: w_n = HMAC(K_SE, type || label || seed), w_{i-1} = SHA-256(type || label ||
 * seed tag || i || w_i), the seed tag the first bytes of X of PK_t. A step's input, 52 bytes, lies
 * in {@link Transients#STEP}. A slot keeps w_n, w_{n-9} and so on above w_0.
 */
final class Chain {
    private static final short PREFIX_LEN = Wire.PREFIX_LEN;
    private static final short SEED_TAG = (short) (Transients.STEP + PREFIX_LEN);
    private static final short NUMBER = (short) (SEED_TAG + Wire.SEED_TAG_LEN);
    /** Where the newest value lies in the work array. */
    static final short VALUE = (short) (NUMBER + 1);
    private static final short STEP_LEN = (short) (VALUE + Wire.HASH_LEN - Transients.STEP);

    private final MessageDigest sha256;
    private final Hmac hmac;
    private final Transients ram;

    /** Takes SHA-256, and the HMAC made of it. */
    Chain(MessageDigest sha256, Hmac hmac, Transients ram) {
        this.sha256 = sha256;
        this.hmac = hmac;
        this.ram = ram;
    }

    /** Replaces the seed [32] in {@link Transients#SEED} by w_n under K_SE [32]. */
    void last(byte[] key, short off) {
        byte[] work = ram.work;
        Transcript.prefix(Wire.MSG_TOKEN_SEED, work, Transients.CONTEXT);
        hmac.begin(key, off, Wire.HASH_LEN);
        hmac.update(work, Transients.CONTEXT, PREFIX_LEN);
        hmac.finish(work, Transients.SEED, Wire.HASH_LEN, Transients.SEED);
    }

    /**
     * Takes a slot's chain from w_left, the slot's value, by so many steps towards w_0, and writes
     * where it is then: its number [1] || value [32] || the checkpoints on the way. Returns their
     * end. A slice begins where a checkpoint lies, as 63 is seven times nine.
     */
    short extend(byte[] token, short steps, byte[] out, short off) {
        short left = (short) (token[TokenSlot.LEFT] & 0xFF);
        short to = (short) (off + 1 + Wire.HASH_LEN);
        begin(token, token, TokenSlot.VALUE);
        for (short i = 0; i < steps; i++) {
            if ((short) (i % Wire.CHECKPOINT_GAP) == 0) {
                to = Util.arrayCopyNonAtomic(ram.work, VALUE, out, to, Wire.HASH_LEN);
            }
            step((short) (left - i));
        }
        out[off] = (byte) (left - steps);
        Util.arrayCopyNonAtomic(ram.work, VALUE, out, (short) (off + 1), Wire.HASH_LEN);
        return to;
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

    /** Returns the place in a slot of the checkpoint that is so far below w_n, or the one above. */
    static short checkpoint(short below) {
        return (short) (TokenSlot.CHECKPOINTS
            + (short) (below / Wire.CHECKPOINT_GAP) * Wire.HASH_LEN);
    }

    /** Writes w_j [32] of a whole chain of n units, 1 <= j <= n: at most 8 steps. */
    void value(byte[] token, short j, byte[] out, short off) {
        short n = (short) (token[TokenSlot.UNITS] & 0xFF);
        short below = (short) (n - j);
        begin(token, token, checkpoint(below));
        for (short i = (short) (j + (short) (below % Wire.CHECKPOINT_GAP)); i > j; i--) {
            step(i);
        }
        Util.arrayCopyNonAtomic(ram.work, VALUE, out, off, Wire.HASH_LEN);
    }
}
