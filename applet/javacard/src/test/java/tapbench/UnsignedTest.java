package tapbench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Numbers in bytes, against those of the JDK. */
class UnsignedTest {
    private static final short OFF = 3;
    private static final int ROUNDS = 20_000;

    private final Random random = new Random(7);

    private static BigInteger number(byte[] array, int off, int len) {
        return new BigInteger(1, Arrays.copyOfRange(array, off, off + len));
    }

    private byte[] bytes(int len) {
        byte[] out = new byte[len];
        random.nextBytes(out);
        for (int i = 0; i < len; i++) { // carries, signs and equal bytes, more often than at random
            out[i] = switch (random.nextInt(6)) {
                case 0 -> 0;
                case 1 -> (byte) 0xFF;
                case 2 -> (byte) 0x80;
                case 3 -> 0x7F;
                default -> out[i];
            };
        }
        return out;
    }

    @Test
    void isBelowAsNumbersAre() {
        for (int i = 0; i < ROUNDS; i++) {
            short len = (short) (1 + random.nextInt(4));
            byte[] a = bytes(OFF + len);
            byte[] b = bytes(len);
            assertEquals(number(a, OFF, len).compareTo(number(b, 0, len)) < 0,
                Unsigned.isBelow(a, OFF, b, (short) 0, len));
        }
    }

    @Test
    void addsAndTellsWhatDoesNotFit() {
        for (int i = 0; i < ROUNDS; i++) {
            short len = (short) (1 + random.nextInt(8));
            byte[] sum = bytes(OFF + len);
            byte[] other = bytes(len);
            BigInteger want = number(sum, OFF, len).add(number(other, 0, len));
            byte[] before = Arrays.copyOf(sum, OFF);
            boolean fits = Unsigned.add(sum, OFF, other, (short) 0, len);
            assertEquals(want.bitLength() <= 8 * len, fits);
            assertEquals(want.mod(BigInteger.ONE.shiftLeft(8 * len)), number(sum, OFF, len));
            assertEquals(number(before, 0, OFF), number(sum, 0, OFF));
        }
    }

    @Test
    void scales() {
        for (int i = 0; i < ROUNDS; i++) {
            short len = (short) (1 + random.nextInt(8));
            short factor = (short) (1 + random.nextInt(127));
            short term = (short) random.nextInt(128);
            byte[] number = bytes(OFF + len);
            BigInteger want = number(number, OFF, len).multiply(BigInteger.valueOf(factor))
                .add(BigInteger.valueOf(term)).mod(BigInteger.ONE.shiftLeft(8 * len));
            Unsigned.scale(number, OFF, len, factor, term);
            assertEquals(want, number(number, OFF, len));
        }
    }
}
