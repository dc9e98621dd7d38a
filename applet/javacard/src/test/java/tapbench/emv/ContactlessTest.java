package tapbench.emv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** One contactless card from its key to its first payment. Go holds it to each byte. */
class ContactlessTest {
    private static final String NAME = "F054415042454E434810";
    private final ContactlessCard card = new ContactlessCard(HexFormat.of().parseHex(NAME));

    private String ask(String command) {
        String answer = card.send(command);
        assertTrue(answer.endsWith("9000"), command + " was answered " + answer);
        return answer.substring(0, answer.length() - 4);
    }

    private byte[] key() {
        ask("00A404000A" + NAME + "00");
        String key = ask("0047800000");
        assertTrue(key.startsWith("7F498188818180") && key.endsWith("8203010001"), key);
        return HexFormat.of().parseHex(key.substring(14, 14 + 256));
    }

    private void store() {
        String groups = "9102" + "06" + "A50450025459"
            + "9104" + "0A" + "82023900" + "940408010100"
            + "8000" + "10" + "00112233445566778899AABBCCDDEEFF"
            + "3000" + "12" + "010100" + "00".repeat(12) + "0978" + "07" // one approval in a row
            + "3002" + "06" + "9F02069F3704"
            + "0101" + "04" + "70025000";
        ask("80E28000" + "%02X".formatted(groups.length() / 2) + groups);
    }

    @Test
    void paysOnceOfflineAndAsksTheIssuerThen() throws GeneralSecurityException {
        byte[] modulus = key();
        store();
        assertEquals("6F12" + "840A" + NAME + "A50450025459", ask("00A404000A" + NAME + "00"));
        assertEquals("770A" + "82023900" + "940408010100", ask("80A8000002830000"));
        assertEquals("70025000", ask("00B2010C00"));
        checkSignature(modulus, ask("008800000411223344" + "00"), "11223344");
        String paid = ask("80AE40000A" + "000000001250" + "55667788" + "00");
        assertEquals("771E" + "9F270140" + "9F36020001" + "9F2608", paid.substring(0, 28));
        assertEquals("9F1007" + "06071203901002", paid.substring(44));
        ask("00A404000A" + NAME + "00");
        ask("80A8000002830000");
        assertEquals("771E" + "9F270180" + "9F36020002",
            ask("80AE40000A" + "000000001250" + "55667788" + "00").substring(0, 22));
        assertEquals("9F36020002", ask("80CA9F3600"));
    }

    /** Recovers a signature and checks its hash (EMV 4.3 Book 2, 6.5.2). */
    private static void checkSignature(byte[] modulus, String answer, String said)
            throws GeneralSecurityException {
        assertEquals("7781849F4B8180", answer.substring(0, 14));
        byte[] plain = new BigInteger(answer.substring(14), 16)
            .modPow(BigInteger.valueOf(65537), new BigInteger(1, modulus)).toByteArray();
        assertEquals(128, plain.length);
        assertEquals("6A0501", HexFormat.of().formatHex(plain, 0, 3).toUpperCase());
        MessageDigest hash = MessageDigest.getInstance("SHA-1");
        hash.update(plain, 1, 106);
        assertArrayEquals(hash.digest(HexFormat.of().parseHex(said)),
            Arrays.copyOfRange(plain, 107, 127));
    }

    @Test
    void keepsItsStateInBytes() {
        key();
        store();
        ask("80A8000002830000");
        ContactlessCard again = ContactlessCard.of(card.memory().get());
        assertArrayEquals(card.memory().get(), again.memory().get());
        again.send("00A404000A" + NAME + "00");
        assertEquals("9F360200019000", again.send("80CA9F3600"));
    }

    @Test
    void forgetsAPersonalisationThatBreaksOff() {
        key();
        ask("80E2000009" + "910206A50450025459");
        card.reset();
        assertEquals("6F0C840A" + NAME, ask("00A404000A" + NAME + "00"));
        assertEquals("6985", card.send("80E2000109" + "910206A50450025459"));
    }
}
