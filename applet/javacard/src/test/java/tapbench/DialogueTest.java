package tapbench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The dialogues of the Go emulator that need no more than the applet has. Left out are those that
 * ask a card on which nothing is selected, or for an AID cut short: there the platform answers, not
 * the applet.
 */
class DialogueTest {
    @ParameterizedTest
    @ValueSource(strings = {
        "get-data-fresh", "select-management", "select-payment", "select-offline", "select-ppse",
        "generate-key", "order-fresh", "get-response", "get-response-dropped", "tap-unarmed",
        "tap-order", "spend-unarmed", "spend-order"})
    void answersAsTheEmulator(String name) {
        Installed card = new Installed();
        int at = 0;
        for (Dialogue.Exchange exchange : Dialogue.read(name).exchanges()) {
            at++;
            if (exchange.command() == null) {
                card.reset();
                continue;
            }
            String got = card.send(exchange.command());
            assertTrue(exchange.answer().matcher(got).matches(), name + ", exchange " + at + ", "
                + exchange.command() + ": got " + got + ", want " + exchange.answer());
        }
    }
}
