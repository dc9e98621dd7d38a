package tearing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tearing.Operations.Kind;
import tearing.Operations.Operation;
import tearing.purse.Notary;
import tearing.purse.Purse;

/** What an applet asks of the platform is counted, each operation once. */
class OperationsTest {
    private final Notary notary = new Notary();

    @BeforeEach
    void begin() {
        Power.reset();
        notary.makeKeys();
        Operations.take();
    }

    @Test
    void aSignatureCountsAllThatIsSigned() {
        assertTrue(notary.sign());
        assertDone(new Operation(Kind.SIGN, 7), new Operation(Kind.VERIFY, 7));
    }

    @Test
    void aHashCountsAllThatIsHashed() {
        notary.hash();
        assertDone(new Operation(Kind.HASH, 32), new Operation(Kind.HASH, 5));
    }

    @Test
    void aCipherCountsItsKeysAndCalls() {
        notary.encipher();
        assertDone(new Operation(Kind.CIPHER_INIT, 0), new Operation(Kind.CIPHER, 16),
            new Operation(Kind.CIPHER, 32));
    }

    @Test
    void anAgreementThatFailsCounts() {
        assertTrue(notary.agree());
        assertDone(new Operation(Kind.AGREE, 0));
    }

    @Test
    void keysAndChanceCount() {
        notary.makeKeys();
        notary.draw();
        assertTrue(Operations.take().containsAll(List.of(new Operation(Kind.KEY_PAIR, 0),
            new Operation(Kind.RANDOM, 20))));
    }

    @Test
    void aTransactionCountsItsStores() {
        Card card = new Card();
        Operations.take();
        card.send(Purse.PAY, "000A");
        assertDone(new Operation(Kind.STORE, 2), new Operation(Kind.STORE, 2),
            new Operation(Kind.COMMIT, 0));
    }

    @Test
    void nothingCountsTwice() {
        notary.hash();
        Operations.take();
        assertDone();
    }

    private static void assertDone(Operation... want) {
        assertEquals(List.of(want), Operations.take().stream()
            .filter(o -> want.length == 0 || List.of(want).stream()
                .anyMatch(w -> w.kind() == o.kind())).toList());
    }
}
