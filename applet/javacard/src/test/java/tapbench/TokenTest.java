package tapbench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTest {
    private static final Vector V = Vector.read("token");
    private static final int PREFIX = 1 + Wire.LABEL.length;

    /** The fields of a token in its slot are those that the TSM signed. */
    @Test
    void isWrittenAsItWasSigned() {
        Card card = new Card();
        byte[] slot = slot();
        short end = Token.writeSigned(slot, card.ram.buffer, (short) 3);
        byte[] signed = Arrays.copyOfRange(card.ram.buffer, 3, end);
        assertArrayEquals(V.get("signed"), signed);
        new Transcript(card.algorithms.sha256, card.ram).identify(signed, (short) 0,
            (short) signed.length);
        assertArrayEquals(V.get("id"), card.work(Transients.IDENTITY, Wire.HASH_LEN));
        assertTrue(SigningTest.verify(card, V.get("tsm_public"), signed, V.get("signature")));
    }

    /** A token's scalar is loaded into one object again and again, also one that begins with 0. */
    @Test
    void signsWithALoadedKey() {
        Keys keys = new Keys();
        Card card = new Card();
        byte[] small = new byte[32];
        small[31] = 1; // whose public key is G
        byte[] g = new byte[Wire.POINT_LEN];
        Curve.newPublic().getG(g, (short) 0);
        byte[] signed = V.get("close_signed");
        byte[][][] pairs = {{V.get("private"), V.get("public")}, {small, g}};
        for (int i = 0; i < 6; i++) {
            byte[][] pair = pairs[i % 2];
            byte[] sig = new byte[Wire.SIGNATURE_LEN];
            card.signing.begin(keys.load(pair[0], (short) 0), signed[0]);
            card.signing.update(signed, (short) PREFIX, (short) (signed.length - PREFIX));
            card.signing.sign(sig, (short) 0);
            assertTrue(Witness.verifies(pair[1], signed, sig), "signature " + i);
            byte[] scalar = new byte[32];
            keys.read(Keys.FIRST, scalar, (short) 0);
            assertArrayEquals(pair[0], scalar);
        }
        assertTrue(SigningTest.verify(card, V.get("public"), signed, V.get("close_signature")));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4, 6, 10, 49, 51, 100, 127, 128, 255})
    void refusesOtherUnits(int unit) {
        assertFalse(Token.isUnit((byte) unit));
    }

    @ParameterizedTest
    @CsvSource({ // state, kind, index, units, conditions, pays
        "0, 0, 0, 250, 3, false", "1, 0, 0, 250, 3, false", "2, 0, 0, 250, 3, false",
        "3, 0, 0, 250, 3, false", "6, 1, 9, 250, 3, false", "5, 1, 9, 250, 1, false",
        "5, 1, 250, 250, 2, false", "5, 2, 9, 250, 2, false",
        "4, 0, 0, 250, 0, true", "5, 1, 9, 250, 2, true", "5, 1, 127, 128, 3, true",
        "5, 1, 128, 250, 2, true", "5, 1, 249, 250, 2, true",
    })
    void paysInTheRightState(byte state, byte kind, int index, int units, byte conditions,
            boolean pays) {
        byte[] slot = new byte[TokenSlot.LEN];
        slot[TokenSlot.STATE] = state;
        slot[TokenSlot.KIND] = kind;
        slot[TokenSlot.INDEX] = (byte) index;
        slot[TokenSlot.UNITS] = (byte) units;
        assertEquals(pays, Token.pays(slot, conditions));
    }

    @ParameterizedTest
    @CsvSource({ // of the token, known, of the account, expired
        "00000B7D, 0, 00000B7E, false", "00000B7D, 1, 00000B7D, false",
        "80000000, 1, 7FFFFFFF, false", "FFFFFFFF, 1, FFFFFFFF, false",
        "00000B7D, 1, 00000B7E, true", "00000BFF, 1, 00000C00, true",
        "7FFFFFFF, 1, 80000000, true",
    })
    void expiresByTheCAsWord(String epoch, byte known, String time, boolean expired) {
        byte[] token = new byte[TokenSlot.LEN];
        byte[] tid = new byte[TidSlot.LEN];
        put(token, TokenSlot.EPOCH, Integer.parseUnsignedInt(epoch, 16));
        put(tid, TidSlot.TIME, Integer.parseUnsignedInt(time, 16));
        tid[TidSlot.HAS_TIME] = known;
        assertEquals(expired, Token.isExpired(token, tid));
    }

    /** Returns a slot as TOKEN PUT leaves it. */
    private static byte[] slot() {
        byte[] slot = new byte[TokenSlot.LEN];
        byte[] signed = V.get("signed");
        int at = PREFIX + 1;
        System.arraycopy(signed, at, slot, TokenSlot.ISSUER, 12);
        System.arraycopy(signed, at + 12, slot, TokenSlot.UNIT, 2);
        System.arraycopy(signed, at + 14, slot, TokenSlot.KEY, Wire.POINT_LEN);
        System.arraycopy(signed, at + 79, slot, TokenSlot.VALUE, Wire.HASH_LEN);
        System.arraycopy(signed, at + 111, slot, TokenSlot.POLICY, 12);
        return slot;
    }

    private static void put(byte[] array, int off, int value) {
        for (int i = 0; i < 4; i++) {
            array[off + i] = (byte) (value >> 8 * (3 - i));
        }
    }
}
