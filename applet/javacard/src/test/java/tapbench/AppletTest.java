package tapbench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The management application's commands on the simulator's card. */
class AppletTest {
    private static final String SELECT = "00A404000AF054415042454E434801";

    private final Installed card = new Installed();

    @BeforeEach
    void select() {
        assertEquals("9000", send(SELECT));
    }

    @ParameterizedTest
    @CsvSource({
        "A0CADF0100, 6E00", "01CADF0100, 6E00", "10CADF0100, 6E00", "90320000020000, 6E00",
        "802000, 6D00", "80CADF0100, 6D00", "007E000000, 6D00", "00B2010C00, 6D00",
        "00CADF0800, 6A88", "00CADF0000, 6A88", "00CA9F3600, 6A88", "00CADF08010000, 6A88",
        "00CADF01010000, 6700", "00CADF0401FF00, 6700", "00CADF0300, 6985", "00CADF0700, 6985",
        "00C0000100, 6A86", "00C000000100, 6700", "00C0000000, 6985",
        "00A4000C00, 6A86", "00A4040205A000000003, 6A86", "00A4040005A000000003, 6A82",
    })
    void refuses(String command, String status) {
        String whole = command.length() == 6 ? command + "00" : command;
        assertEquals(status, send(whole));
        assertEquals("079000", send("00CADF0201"), "the selection is lost");
    }

    @Test
    void refusesMoreThanItsName() {
        assertEquals("6A82", send("00A404000BF054415042454E43480100"));
    }

    @Test
    void dropsWhatWaits() {
        assertEquals("0202020808" + "6105", send("00CADF0105"));
        assertEquals("079000", send("00CADF0201"));
        assertEquals("6985", send("00C0000000"));
    }

    @Test
    void answersInPieces() {
        assertEquals("0202020808" + "6105", send("00CADF0105"));
        assertEquals("6A86", send("00C0010000"));
        assertEquals("03" + "6104", send("00C0000001"));
        assertEquals("0300000F" + "9000", send("00C0000000"));
    }

    /** Keys pass through the buffer: it keeps what waits for GET RESPONSE, and else nothing. */
    @Test
    void emptiesItsBuffer() {
        byte[] buffer = card.applet().element.ram.buffer;
        byte[] empty = new byte[buffer.length];
        send("8010000000"); // GENERATE SE KEY
        assertArrayEquals(empty, buffer);
        assertEquals("020202" + "6107", send("00CADF0103"));
        byte[] waiting = empty.clone();
        System.arraycopy(new byte[] {8, 8, 3, 3, 0, 0, 15}, 0, waiting, 3, 7);
        assertArrayEquals(waiting, buffer);
        assertEquals("0808030300000F" + "9000", send("00C0000000"));
        assertArrayEquals(empty, buffer);
        assertEquals("6985", send("8018000041" + "04".repeat(Wire.POINT_LEN)));
        assertArrayEquals(empty, buffer, "a command that was refused");
    }

    @Test
    void answersAFreshCardsObjects() {
        assertEquals("0202020808030300000F9000", send("00CADF0100"));
        assertEquals("079000", send("00CADF0200"));
        assertEquals("07" + "00".repeat(15) + "9000", send("00CADF0400"));
    }

    @Test
    void isOneApplicationOfThePackage() {
        byte[] start = new byte[Wire.AID_PACKAGE.length];
        System.arraycopy(Wire.AID_MANAGEMENT, 0, start, 0, start.length);
        assertArrayEquals(Wire.AID_PACKAGE, start);
    }

    private String send(String command) {
        return card.send(command);
    }
}
