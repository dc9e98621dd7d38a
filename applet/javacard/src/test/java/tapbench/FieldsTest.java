package tapbench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The lengths of fields, and what is written by them. */
class FieldsTest {
    @Test
    void makeUpTheirSlots() {
        Map.of(CardState.FIELDS, CardState.LEN, LaunchState.FIELDS, LaunchState.LEN,
            BankSlot.FIELDS, BankSlot.LEN, TidSlot.FIELDS, TidSlot.LEN,
            CardSlot.FIELDS, CardSlot.LEN, TokenSlot.FIELDS, TokenSlot.LEN,
            Arming.FIELDS, Arming.LEN).forEach((fields, len) -> assertEquals(len.intValue(),
                IntStream.range(0, fields.length).map(i -> fields[i] & 0xFF).sum()));
    }

    @Test
    void areWrittenAndNoneBesideThem() {
        byte[] fields = {2, 1, 3, 2};
        byte[] from = {9, 1, 2, 3, 4};
        byte[] want = {5, 6, 1, 2, 3, 4, 7, 8};
        for (int mask = 0; mask < 1 << 4; mask++) { // which bytes differ before
            byte[] slot = want.clone();
            for (int i = 0; i < 4; i++) {
                slot[2 + i] ^= (byte) (mask >> i & 1);
            }
            new Persistent().write(from, (short) 1, slot, fields, (short) 2, (short) 4);
            assertArrayEquals(want, slot);
        }
    }

    @Test
    void areClearedAndNoneBesideThem() {
        byte[] slot = {5, 6, 1, 0, 3, 4, 7, 8};
        new Persistent().clear(slot, new byte[] {2, 1, 3, 2}, (short) 2, (short) 4);
        assertArrayEquals(new byte[] {5, 6, 0, 0, 0, 0, 7, 8}, slot);
    }
}
