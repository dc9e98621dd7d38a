package tearing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import tearing.purse.Purse;

/** An example of how an applet is tested: one invariant, held after every cut. */
class PurseTest {
    private static final int ALL = 1000;

    @Test
    void findsAMissingTransaction() {
        AssertionFailedError found = assertThrows(AssertionFailedError.class,
            () -> Power.everyCut(Card::new, card -> card.send(Purse.PAY_TORN, "000A"),
                PurseTest::losesNothing));
        assertTrue(found.getMessage().startsWith("cut before store 2 "), found.getMessage());
    }

    @Test
    void survivesEveryCutWithOne() {
        long stores = Power.everyCut(Card::new, card -> card.send(Purse.PAY, "000A"),
            PurseTest::losesNothing);
        assertEquals(3, stores, "balance, spent, commit");
    }

    @Test
    void holdsTheOldOrTheNewState() {
        TreeSet<String> states = new TreeSet<>();
        Power.everyCut(Card::new, card -> card.send(Purse.PAY, "000A"),
            (card, cut) -> states.add(card.state().substring(0, 8)));
        assertEquals(List.of("03DE000A", "03E80000"), List.copyOf(states));
    }

    @Test
    void holdsTheNewStateAfterTheCommit() {
        Card card = new Card();
        Power.cutAfterCommit(1);
        PowerCut cut = assertThrows(PowerCut.class, () -> card.send(Purse.PAY, "000A"));
        assertEquals(3, cut.store(), "the commit");
        assertEquals("03DE000A", card.state().substring(0, 8));
    }

    @Test
    void aFullTransactionChangesNothing() {
        Card card = new Card();
        Power.capacity(3);
        try {
            assertEquals("6F00", card.send(Purse.PAY, "000A"));
        } finally {
            Power.capacity(0);
        }
        assertEquals("03E80000", card.state().substring(0, 8));
        assertEquals("9000", card.send(Purse.PAY, "000A"));
    }

    private static void losesNothing(Card card, long cut) {
        String state = card.state();
        int balance = Integer.parseInt(state.substring(0, 4), 16);
        int spent = Integer.parseInt(state.substring(4, 8), 16);
        assertEquals(ALL, balance + spent, "cut before store " + cut);
    }
}
