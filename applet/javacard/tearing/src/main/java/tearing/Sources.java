package tearing;

import com.licel.jcardsim.bouncycastle.crypto.signers.DSAKCalculator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/**
 * Recorded sources: what jCardSim's cards draw by chance comes from a seed instead, so that a
 * dialogue can be had again byte for byte, or compared with that of another implementation, which
 * draws from the same seed.
 *
 * <ul>
 *   <li>{@code RandomData.generateData} and {@code nextBytes} take bytes from the stream "random".
 *   <li>{@code KeyPair.genKeyPair} takes private keys from the stream "keys".
 *   <li>{@code Signature.sign} of ECDSA takes no chance at all: k is RFC 6979's.
 * </ul>
 *
 * <p>A stream is SHA-256(seed || name || 0), SHA-256(seed || name || 1) and so on, the number in
 * four bytes, big-endian. Who asks for fewer bytes than a block holds has the rest next time. All
 * cards of the JVM draw from the same streams.
 */
public final class Sources {
    private static Stream random;
    private static Stream keys;

    /** The bytes that one name stands for. */
    private static final class Stream {
        private final byte[] input;
        private ByteBuffer block = ByteBuffer.allocate(0);
        private int next;

        Stream(byte[] seed, String name) {
            byte[] text = name.getBytes(StandardCharsets.US_ASCII);
            input = ByteBuffer.allocate(seed.length + text.length + Integer.BYTES)
                .put(seed).put(text).array();
        }

        void fill(byte[] out, int off, int len) {
            while (len > 0) {
                if (!block.hasRemaining()) {
                    ByteBuffer.wrap(input).putInt(input.length - Integer.BYTES, next++);
                    block = ByteBuffer.wrap(digest(input));
                }
                int part = Math.min(len, block.remaining());
                block.get(out, off, part);
                off += part;
                len -= part;
            }
        }
    }

    private Sources() {
    }

    /** Begins both streams of a seed. A command of the card that is under way isn't affected. */
    public static synchronized void record(byte[] seed) {
        Agent.checkSources();
        random = new Stream(seed, "random");
        keys = new Stream(seed, "keys");
    }

    /** Has cards draw by chance again. */
    public static synchronized void release() {
        random = null;
        keys = null;
    }

    /** Says whether cards draw from a seed. */
    static synchronized boolean areRecorded() {
        return random != null;
    }

    /** Fills an array for {@code RandomData}; false if that is to do it. */
    public static synchronized boolean random(byte[] out, short off, short len) {
        if (random == null) {
            return false;
        }
        random.fill(out, off, len);
        return true;
    }

    /** Returns what a key pair draws its private key from: the stream, or else its own source. */
    public static SecureRandom keys(SecureRandom own) {
        return own instanceof Keys ? own : new Keys(own);
    }

    /** Returns what an ECDSA signer takes k from: RFC 6979, or else its own source. */
    public static DSAKCalculator signatures(DSAKCalculator own) {
        return new RecordedK(own);
    }

    private static final class Keys extends SecureRandom {
        private static final long serialVersionUID = 1;

        private final transient SecureRandom own;

        Keys(SecureRandom own) {
            this.own = own;
        }

        /** jCardSim writes a scalar that begins with a zero into its object one byte too far left. */
        @Override
        public void nextBytes(byte[] out) {
            synchronized (Sources.class) {
                if (keys == null) {
                    own.nextBytes(out);
                    return;
                }
                do {
                    keys.fill(out, 0, out.length);
                } while (out.length > 0 && out[0] == 0);
            }
        }
    }

    static byte[] digest(byte[] input) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(input);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
