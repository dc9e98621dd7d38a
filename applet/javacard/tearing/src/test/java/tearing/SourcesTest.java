package tearing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.RandomData;
import javacard.security.Signature;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With recorded sources everything that is drawn follows from the seed. */
class SourcesTest {
    private static final byte[] SEED = "seed".getBytes(StandardCharsets.US_ASCII);

    @AfterEach
    void release() {
        Sources.release();
    }

    /** Of SHA-256("seed" || "random" || 00000000) and what follows, drawn in pieces. */
    @Test
    void randomDataIsTheStream() {
        byte[] want = new byte[64];
        for (int i = 0; i < 2; i++) {
            byte[] input = ("seedrandom\0\0\0" + (char) i).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(Sources.digest(input), 0, want, 32 * i, 32);
        }
        Sources.record(SEED);
        assertArrayEquals(Arrays.copyOf(want, 20), draw(20));
        assertArrayEquals(Arrays.copyOfRange(want, 20, 64), draw(44));
        Sources.record(SEED);
        assertArrayEquals(want, draw(64));
        Sources.record(SEED);
        byte[] out = new byte[65];
        assertEquals(65, RandomData.getInstance(RandomData.ALG_TRNG).nextBytes(out, (short) 1,
            (short) 64));
        assertArrayEquals(want, Arrays.copyOfRange(out, 1, 65));
        Sources.release();
        assertFalse(Arrays.equals(want, draw(64)));
    }

    @SuppressWarnings("deprecation") // as most cards have it
    private static byte[] draw(int len) {
        byte[] out = new byte[len + 2];
        RandomData.getInstance(RandomData.ALG_SECURE_RANDOM).generateData(out, (short) 1,
            (short) len);
        assertEquals(0, out[0] | out[len + 1]);
        return Arrays.copyOfRange(out, 1, 1 + len);
    }

    /** Another object, and one that has made a key before, gives the same key. */
    @Test
    void keysAreTheStream() {
        KeyPair pair = new KeyPair(KeyPair.ALG_EC_FP, KeyBuilder.LENGTH_EC_FP_256);
        pair.genKeyPair();
        Sources.record(SEED);
        pair.genKeyPair();
        String first = scalar(pair);
        pair.genKeyPair();
        assertNotEquals(first, scalar(pair));
        Sources.record(SEED);
        KeyPair other = new KeyPair(KeyPair.ALG_EC_FP, KeyBuilder.LENGTH_EC_FP_256);
        other.genKeyPair();
        assertEquals(first, scalar(other));
        assertEquals(HexFormat.of().formatHex(Sources.digest(
            "seedkeys\0\0\0\0".getBytes(StandardCharsets.US_ASCII))), first);
    }

    private static String scalar(KeyPair pair) {
        byte[] s = new byte[32];
        ((ECPrivateKey) pair.getPrivate()).getS(s, (short) 0);
        return HexFormat.of().formatHex(s);
    }

    /** RFC 6979, A.2.5: P-256, SHA-256, "sample" and "test". */
    @Test
    void signaturesAreThoseOfTheStandard() {
        KeyPair pair = new KeyPair(KeyPair.ALG_EC_FP, KeyBuilder.LENGTH_EC_FP_256);
        pair.genKeyPair();
        ECPrivateKey key = (ECPrivateKey) pair.getPrivate();
        byte[] d = HexFormat.of().parseHex(
            "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        key.setS(d, (short) 0, (short) d.length);
        Sources.record(SEED);
        assertEquals("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
            + "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
            sign(key, "sample"));
        assertEquals("F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367"
            + "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
            sign(key, "test"));
        String recorded = sign(key, "test");
        Sources.release();
        assertNotEquals(recorded, sign(key, "test"));
        pair.genKeyPair();
        Sources.record(SEED);
        byte[] der = der(key, "verified");
        Signature check = Signature.getInstance(Signature.ALG_ECDSA_SHA_256, false);
        check.init((ECPublicKey) pair.getPublic(), Signature.MODE_VERIFY);
        byte[] message = "verified".getBytes(StandardCharsets.US_ASCII);
        assertEquals(true, check.verify(message, (short) 0, (short) message.length, der,
            (short) 0, (short) der.length));
    }

    private static byte[] der(ECPrivateKey key, String text) {
        Signature signature = Signature.getInstance(Signature.ALG_ECDSA_SHA_256, false);
        signature.init(key, Signature.MODE_SIGN);
        byte[] message = text.getBytes(StandardCharsets.US_ASCII);
        byte[] out = new byte[72];
        short len = signature.sign(message, (short) 0, (short) message.length, out, (short) 0);
        return Arrays.copyOf(out, len);
    }

    /** Returns r and s in hexadecimal. */
    private static String sign(ECPrivateKey key, String text) {
        byte[] der = der(key, text);
        int rLen = der[3];
        byte[] r = Arrays.copyOfRange(der, 4, 4 + rLen);
        byte[] s = Arrays.copyOfRange(der, 6 + rLen, der.length);
        return "%064X%064X".formatted(new BigInteger(1, r), new BigInteger(1, s));
    }
}
