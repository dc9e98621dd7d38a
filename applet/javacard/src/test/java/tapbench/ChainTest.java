package tapbench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A token's chain against the vector that Go shares, and against itself in every length. */
class ChainTest {
    private static final int STEP_LEN = 52; // what one step hashes: one block
    private static final Vector V = Vector.read("token-chain");

    private final Card card = new Card();
    private final Chain chain = new Chain(card.count.of(card.algorithms.sha256), card.hmac,
        card.ram);
    private final byte[] slot = new byte[TokenSlot.LEN];

    @Test
    void beginsWithTheSeed() {
        begin(Wire.TOKEN_UNITS);
        assertArrayEquals(V.get("last"), at(slot, TokenSlot.VALUE));
        assertEquals(2, card.count.hashes, "one HMAC");
    }

    @Test
    void endsAtTheRootInFourSlices() {
        begin(Wire.TOKEN_UNITS);
        for (int left : new int[] {187, 124, 61, 0}) {
            card.count.reset();
            byte[] kept = extend();
            int steps = left == 0 ? 61 : Wire.CHAIN_SLICE;
            assertEquals(left, slot[TokenSlot.LEFT] & 0xFF);
            assertArrayEquals(V.get(left == 0 ? "root" : "w_" + left), at(slot, TokenSlot.VALUE));
            assertEquals(7 * Wire.HASH_LEN, kept.length);
            assertEquals(steps, card.count.hashes);
            assertEquals(steps * STEP_LEN, card.count.hashedBytes);
        }
    }

    @Test
    void hasTheVectorsValues() {
        begin(Wire.TOKEN_UNITS);
        whole();
        for (String name : V.fields().keySet()) {
            if (name.startsWith("w_")) {
                assertArrayEquals(V.get(name), value(Integer.parseInt(name.substring(2))), name);
            }
        }
    }

    /** From each value of a chain one step leads to the one below, and eight steps to any. */
    @ParameterizedTest
    @ValueSource(shorts = {1, 8, 9, 10, 62, 63, 64, 126, 127, 249, 250})
    void knowsEveryValue(short units) {
        begin(units);
        whole();
        byte[] below = at(slot, TokenSlot.VALUE);
        for (int j = 1; j <= units; j++) {
            card.count.reset();
            byte[] value = value(j);
            assertTrue(card.count.hashes < Wire.CHECKPOINT_GAP, j + " of " + units);
            chain.begin(slot, value, (short) 0);
            chain.step((short) j);
            assertArrayEquals(below, at(card.ram.work, Chain.VALUE), j + " of " + units);
            below = value;
        }
        assertArrayEquals(V.get("last"), below);
    }

    private void begin(short units) {
        System.arraycopy(V.get("public"), 0, slot, TokenSlot.KEY, Wire.POINT_LEN);
        System.arraycopy(V.get("seed"), 0, card.ram.work, Transients.SEED, Wire.HASH_LEN);
        chain.last(V.get("secret"), (short) 0);
        System.arraycopy(card.ram.work, Transients.SEED, slot, TokenSlot.VALUE, Wire.HASH_LEN);
        slot[TokenSlot.UNITS] = slot[TokenSlot.LEFT] = (byte) units;
    }

    /** Takes the chain one slice on, as TOKEN CHAIN does, and returns its checkpoints. */
    private byte[] extend() {
        int left = slot[TokenSlot.LEFT] & 0xFF;
        short steps = (short) Math.min(left, Wire.CHAIN_SLICE);
        short first = Chain.checkpoint((short) ((slot[TokenSlot.UNITS] & 0xFF) - left));
        byte[] out = card.ram.buffer;
        int end = chain.extend(slot, steps, out, (short) 0);
        byte[] kept = Arrays.copyOfRange(out, 1 + Wire.HASH_LEN, end);
        System.arraycopy(kept, 0, slot, first, kept.length);
        System.arraycopy(out, 0, slot, TokenSlot.LEFT, 1 + Wire.HASH_LEN);
        return kept;
    }

    private void whole() {
        while (slot[TokenSlot.LEFT] != 0) {
            extend();
        }
    }

    private byte[] value(int j) {
        byte[] out = new byte[Wire.HASH_LEN];
        chain.value(slot, (short) j, out, (short) 0);
        return out;
    }

    private static byte[] at(byte[] array, int off) {
        return Arrays.copyOfRange(array, off, off + Wire.HASH_LEN);
    }
}
