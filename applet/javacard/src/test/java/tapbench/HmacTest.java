package tapbench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HmacTest {
    private static final byte[] NONE = {};

    /** RFC 4231, test cases 1 and 2. */
    @ParameterizedTest
    @CsvSource({
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b, 4869205468657265,"
            + "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        "4a656665, 7768617420646f2079612077616e7420666f72206e6f7468696e673f,"
            + "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    })
    void macs(String key, String data, String mac) {
        byte[] in = HexFormat.of().parseHex(data);
        assertEquals(mac, HexFormat.of().formatHex(hmac(HexFormat.of().parseHex(key), in)));
    }

    /** K_B,U's keys for a reply: HKDF-Expand in one block, HMAC(key, info || 01) (RFC 5869). */
    @Test
    void expandsTheSharedKey() {
        Vector v = Vector.read("shared-key");
        ByteArrayOutputStream info = new ByteArrayOutputStream();
        info.write(Wire.MSG_AID_REPLY);
        info.writeBytes(Wire.LABEL);
        info.writeBytes(v.get("th_1"));
        info.write(1);
        assertArrayEquals(v.get("reply_keys"), hmac(v.get("shared_key"), info.toByteArray()));
    }

    @Test
    void takesAnEmptyKeyAndWipesTheLast() {
        Card card = new Card();
        card.hmac.begin(new byte[64], (short) 0, (short) 64);
        card.hmac.finish(NONE, (short) 0, (short) 0, Transients.SECRET);
        assertArrayEquals(hmac(NONE, NONE), card.work(Transients.SECRET, Wire.HASH_LEN));
        assertArrayEquals(new byte[64], card.work(Transients.HMAC_BLOCK, (short) 64));
    }

    private static byte[] hmac(byte[] key, byte[] data) {
        Card card = new Card();
        short half = (short) (data.length / 2);
        card.hmac.begin(key, (short) 0, (short) key.length);
        card.hmac.update(data, (short) 0, half);
        card.hmac.finish(data, half, (short) (data.length - half), Transients.SECRET);
        return card.work(Transients.SECRET, Wire.HASH_LEN);
    }
}
