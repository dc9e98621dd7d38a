package tapbench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Arrays;
import javacard.framework.ISOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SigningTest {
    private static final BigInteger ORDER = new BigInteger(1, Curve.N);
    private static final BigInteger HALF = ORDER.shiftRight(1);
    private static final int PREFIX = 1 + Wire.LABEL.length;

    /** Signs often enough that short numbers and both halves of s occur. */
    @Test
    void signsATapWithTheCardsKey() {
        Vector v = Vector.read("tap");
        Card card = new Card();
        Card.set(card.card, v.get("card_private"));
        byte[] signed = v.get("signed");
        for (int i = 0; i < 64; i++) {
            byte[] sig = new byte[66];
            card.signing.begin(card.card, signed[0]);
            card.signing.update(signed, (short) PREFIX, (short) (signed.length - PREFIX));
            card.signing.sign(sig, (short) 1);
            sig = Arrays.copyOfRange(sig, 1, 65);
            assertTrue(verify(card, v.get("card_public"), signed, sig));
            assertTrue(Witness.verifies(v.get("card_public"), signed, sig), "says the JDK");
            assertTrue(s(sig).compareTo(HALF) <= 0, "s is above n / 2");
        }
    }

    @ParameterizedTest
    @CsvSource({"tap, card_public", "user-key, se_public", "vcard, epoch_public"})
    void refusesAnyOtherSignature(String name, String key) {
        Vector v = Vector.read(name);
        Card card = new Card();
        for (int i : new int[] {0, 31, 32, 63}) {
            byte[] sig = v.get("signature");
            sig[i] ^= 1;
            assertFalse(verify(card, v.get(key), v.get("signed"), sig), "changed byte " + i);
        }
        byte[] changed = v.get("signed");
        changed[changed.length - 1] ^= 1;
        assertFalse(verify(card, v.get(key), changed, v.get("signature")), "changed field");
        changed = v.get("signed");
        changed[0] ^= 1;
        assertFalse(verify(card, v.get(key), changed, v.get("signature")), "changed type");
        assertFalse(verify(card, v.get(key), v.get("signed"), new byte[64]), "zero");
    }

    @ParameterizedTest
    @CsvSource({"tap, card_public", "user-key, se_public", "vcard, epoch_public"})
    void refusesTheOtherHalf(String name, String key) {
        Vector v = Vector.read(name);
        byte[] sig = v.get("signature");
        Curve.negate(sig, (short) 32);
        assertArrayEquals(scalar(ORDER.subtract(s(v.get("signature")))),
            Arrays.copyOfRange(sig, 32, 64));
        assertFalse(verify(new Card(), v.get(key), v.get("signed"), sig));
    }

    @ParameterizedTest
    @CsvSource({"tap, card_public", "user-key, se_public", "vcard, epoch_public"})
    void acceptsTheServersSignature(String name, String key) {
        Vector v = Vector.read(name);
        assertTrue(verify(new Card(), v.get(key), v.get("signed"), v.get("signature")));
    }

    /** A key in the hybrid encoding (SEC 1, 2.3.3) isn't one. */
    @Test
    void refusesAHybridKey() {
        Vector v = Vector.read("tap");
        byte[] key = v.get("card_public");
        key[0] = (byte) (0x06 | key[64] & 1);
        ISOException e = assertThrows(ISOException.class,
            () -> verify(new Card(), key, v.get("signed"), v.get("signature")));
        assertEquals(Wire.SW_WRONG_DATA, e.getReason());
    }

    @Test
    void acceptsACertificate() {
        Vector v = Vector.read("certificate");
        byte[] raw = v.get("certificate");
        byte[] signed = new byte[PREFIX + raw.length - 1 - Wire.SIGNATURE_LEN];
        signed[0] = raw[0];
        System.arraycopy(raw, 1, signed, PREFIX, signed.length - PREFIX);
        byte[] sig = Arrays.copyOfRange(raw, raw.length - Wire.SIGNATURE_LEN, raw.length);
        assertTrue(verify(new Card(), v.get("issuer_public"), signed, sig));
    }

    @Test
    void halvesAtTheRightPlace() {
        for (int i = -1; i <= 2; i++) {
            BigInteger s = HALF.add(BigInteger.valueOf(i));
            assertTrue(Curve.isHigh(scalar(s), (short) 0) == (i > 0), "n / 2 + " + i);
        }
        assertFalse(Curve.isHigh(scalar(BigInteger.ONE), (short) 0));
        assertTrue(Curve.isHigh(scalar(ORDER.subtract(BigInteger.ONE)), (short) 0));
    }

    @Test
    void negates() {
        for (BigInteger s : new BigInteger[] {
            BigInteger.ONE, BigInteger.valueOf(256), HALF, ORDER.subtract(BigInteger.ONE)}) {
            byte[] raw = scalar(s);
            Curve.negate(raw, (short) 0);
            assertArrayEquals(scalar(ORDER.subtract(s)), raw);
        }
    }

    /** Checks a signature over bytes that begin with type || label. */
    static boolean verify(Card card, byte[] key, byte[] signed, byte[] sig) {
        card.signing.begin(key, (short) 0, signed[0]);
        card.signing.update(signed, (short) PREFIX, (short) (signed.length - PREFIX));
        return card.signing.verify(sig, (short) 0);
    }

    private static BigInteger s(byte[] sig) {
        return new BigInteger(1, Arrays.copyOfRange(sig, 32, 64));
    }

    private static byte[] scalar(BigInteger value) {
        byte[] raw = value.toByteArray();
        byte[] out = new byte[32];
        int len = Math.min(raw.length, 32);
        System.arraycopy(raw, raw.length - len, out, 32 - len, len);
        return out;
    }
}
