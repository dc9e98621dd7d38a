package tapbench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The generated constants against the vectors, which know nothing of them. */
class WireTest {
    @Test
    void namesTheApplications() {
        assertArrayEquals("\u00F0TAPBENCH\u0001".getBytes(StandardCharsets.ISO_8859_1),
            Wire.AID_MANAGEMENT);
        assertArrayEquals("\u00F0TAPBENCH\u0002".getBytes(StandardCharsets.ISO_8859_1),
            Wire.AID_PAYMENT);
        assertArrayEquals("2PAY.SYS.DDF01".getBytes(StandardCharsets.US_ASCII), Wire.AID_PPSE);
    }

    @Test
    void hasTheLabelAndTheTypesOfTheVectors() {
        assertArrayEquals(Vector.read("transcript").get("label"), Wire.LABEL);
        assertEquals(Wire.SIG_TAP, Vector.read("tap").get("signed")[0]);
        assertEquals(Wire.SIG_V_CARD, Vector.read("vcard").get("signed")[0]);
        assertEquals(Wire.MSG_USER_KEY, Vector.read("user-key").get("signed")[0]);
        assertEquals(Wire.MSG_AID_GRANT, Vector.read("aid-grant").get("body")[0]);
        assertEquals(Wire.MSG_AID_GRANT, Vector.read("hpke-aid-grant").get("info")[0]);
        assertEquals(Wire.MSG_AID_REQUEST, Vector.read("hpke-aid-request").get("info")[0]);
        assertEquals(Wire.MSG_TID_REPLY, Vector.read("hpke-tid-reply").get("info")[0]);
        assertEquals(Wire.MSG_OPEN_ACCOUNT, Vector.read("open-account").get("info")[0]);
        assertEquals(Wire.CERT_BANK_SIGN, Vector.read("certificate").get("certificate")[0]);
    }

    @Test
    void hasTheLengthsOfTheVectors() {
        assertEquals(Wire.CERTIFICATE_LEN, Vector.read("certificate").get("certificate").length);
        assertEquals(Wire.POINT_LEN, Vector.read("tap").get("card_public").length);
        assertEquals(Wire.SIGNATURE_LEN, Vector.read("tap").get("signature").length);
        assertEquals(Wire.MERCHANT_LEN, Vector.read("tap").get("merchant").length);
        assertEquals(Wire.PAN_LEN, Vector.read("tap").get("pan").length);
        assertEquals(Wire.CLASS_LEN, Vector.read("vcard").get("class").length);
        assertEquals(Wire.USER_ID_LEN, Vector.read("shared-key").get("user").length);
        assertEquals(Wire.SHARED_KEY_LEN, Vector.read("shared-key").get("shared_key").length);
    }

    @Test
    void hasStatusWordsAsShorts() {
        assertEquals(0x9000, Wire.SW_NORMAL & 0xFFFF);
        assertEquals(0x6A80, Wire.SW_WRONG_DATA);
    }

    /** Each vector that Go makes can be read, and none is empty. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "c", "h", "o", "s", "t", "u", "v"})
    void readsEveryVector(String initial) {
        for (Vector v : Vector.all(initial)) {
            assertTrue(v.fields().size() > 2, v.name());
        }
    }
}
