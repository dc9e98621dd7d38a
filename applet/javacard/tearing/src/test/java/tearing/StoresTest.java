package tearing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tearing.purse.Purse;

/** Each kind of store, cut everywhere, and what a transaction takes back. */
class StoresTest {
    /** Balance 1000, nothing spent, empty record, 3 tries, AES key set, static 1, no link. */
    private static final String FRESH = "03E80000" + "00".repeat(8) + "03" + "01" + "01" + "10";
    private static final int RECORD = 8;
    private static final int TRIES = 24;
    private static final int KEYS = 26;

    @BeforeEach
    void powerOn() {
        Power.reset();
    }

    @Test
    void tearsANonAtomicCopyAfterEachByte() {
        assertEquals(List.of("0000000000000000", "1100000000000000", "1122000000000000",
            "1122330000000000", "1122334400000000"),
            records(Purse.COPY_NON_ATOMIC, "11223344"));
    }

    @Test
    void tearsANonAtomicFillAfterEachByte() {
        List<String> records = records(Purse.FILL_NON_ATOMIC, "EE");
        assertEquals(9, records.size());
        for (int n = 0; n < records.size(); n++) {
            assertEquals("EE".repeat(n) + "00".repeat(8 - n), records.get(n));
        }
    }

    @Test
    void doesNotTearAnAtomicCopy() {
        assertEquals(List.of("0000000000000000", "1122334400000000"),
            records(Purse.COPY, "11223344"));
    }

    @Test
    void doesNotTearAnAtomicFill() {
        assertEquals(List.of("0000000000000000", "EEEEEEEEEEEEEEEE"), records(Purse.FILL, "EE"));
    }

    @Test
    void tearsWhatThePlatformWrites() {
        List<String> records = records(Purse.RANDOM, "");
        assertTrue(records.size() > 5, "eight random bytes, most of them not 0: " + records);
    }

    @ParameterizedTest
    @ValueSource(bytes = {Purse.ABORT, Purse.LEAVE_OPEN, Purse.THROW})
    void takesBackWhatWasNotCommitted(byte ins) {
        Card card = new Card();
        Power.reset();
        card.send(ins, "");
        assertEquals(11, Power.stores());
        assertEquals(19, Power.largestTransaction());
        assertEquals(FRESH, card.state());
    }

    @Test
    void beginsATransactionAfterOneWasLeftOpen() {
        Card card = new Card();
        card.send(Purse.LEAVE_OPEN, "");
        assertEquals("9000", card.send(Purse.PAY, "000A"));
        assertTrue(Power.doubts().toString().contains("open transaction"));
    }

    @Test
    void keepsAllOrNothingOfATransaction() {
        String whole = "03E9FFFF" + "0708090007080905" + "03" + "01" + "02" + "23";
        long stores = Power.everyCut(Card::new, card -> card.send(Purse.COMMIT, ""),
            (card, cut) -> assertEquals(cut == 0 ? whole : FRESH, card.state(), "cut " + cut));
        assertEquals(12, stores, "11 and the commit");
    }

    @Test
    void storesNothingWithoutPower() {
        List<String> records = records(Purse.SWALLOW, "");
        assertEquals(List.of("0000000000000000", "0100000000000000", "0101000000000000",
            "0101000100000000"), records);
    }

    @ParameterizedTest
    @CsvSource({"WRITE_TRANSIENT, 01020304", "SET_TRANSIENT_KEY, 000102030405060708090A0B0C0D0E0F"})
    void leavesTransientMemoryAlone(String name, String data) {
        byte ins = name.equals("WRITE_TRANSIENT") ? Purse.WRITE_TRANSIENT
            : Purse.SET_TRANSIENT_KEY;
        Card card = new Card();
        Power.cutAt(1);
        assertEquals("9000", card.send(ins, data));
        assertEquals(0, Power.stores());
    }

    @Test
    void takesATryBeforeItGivesAllBack() {
        List<String> tries = parts(Purse.VERIFY, "01020304", TRIES, TRIES + 2);
        assertEquals(List.of("03", "02", "03"), tries);
    }

    @Test
    void takesATryForAWrongPin() {
        assertEquals(List.of("03", "02"), parts(Purse.VERIFY, "01020305", TRIES, TRIES + 2));
    }

    @Test
    void takesATryInATransactionThatAborts() {
        Card card = new Card();
        card.send(Purse.VERIFY_ABORTED, "09");
        assertEquals("02", card.state().substring(TRIES, TRIES + 2));
    }

    @Test
    void keepsTheOldPinOrTheNewOne() {
        long stores = Power.everyCut(Card::new, card -> card.send(Purse.NEW_PIN, "0506"),
            (card, cut) -> {
                card.state();
                assertEquals("9000", card.send(Purse.VERIFY, cut == 0 ? "0506" : "01020304"));
            });
        assertEquals(1, stores);
    }

    @Test
    void keepsTheOldPinIfTheTransactionAborts() {
        Card card = new Card();
        card.send(Purse.NEW_PIN_ABORTED, "0506");
        assertEquals("6982", card.send(Purse.VERIFY, "0506"));
        assertEquals("9000", card.send(Purse.VERIFY, "01020304"));
    }

    @Test
    void losesAKeyBeforeTheNextIsThere() {
        String next = "000102030405060708090A0B0C0D0E0F";
        assertEquals(List.of("01", "00", "01"), parts(Purse.SET_KEY, next, KEYS, KEYS + 2));
        Power.everyCut(Card::new, card -> card.send(Purse.SET_KEY, next), (card, cut) -> {
            card.state();
            if (cut != 2) {
                assertEquals((cut == 0 ? next : "00".repeat(16)) + "9000",
                    card.send(Purse.READ_KEY, ""));
            }
        });
    }

    @Test
    void makesThePrivateKeyBeforeThePublicOne() {
        assertEquals(List.of("01", "03", "07"), parts(Purse.MAKE_KEYS, "", KEYS, KEYS + 2));
    }

    @Test
    void cutsOnlyOnceAndStaysOff() {
        Card card = new Card();
        Power.cutAt(2);
        PowerCut cut = assertThrows(PowerCut.class, () -> card.send(Purse.COPY_NON_ATOMIC, "1122"));
        assertEquals(2, cut.store());
        assertTrue(Power.isCut());
        assertThrows(PowerCut.class, () -> card.send(Purse.COPY, "11"), "no reset yet");
        card.state();
        assertFalse(Power.isCut());
        assertEquals("9000", card.send(Purse.COPY, "99"));
    }

    @Test
    void refusesANegativeStore() {
        assertThrows(IllegalArgumentException.class, () -> Power.cutAt(-1));
    }

    private static List<String> records(byte ins, String data) {
        return parts(ins, data, RECORD, RECORD + 16);
    }

    /** Returns a part of the state after each cut, and in the end without one. */
    private static List<String> parts(byte ins, String data, int from, int to) {
        List<String> parts = new ArrayList<>();
        Power.everyCut(Card::new, card -> card.send(ins, data),
            (card, cut) -> parts.add(card.state().substring(from, to)));
        return parts;
    }
}
