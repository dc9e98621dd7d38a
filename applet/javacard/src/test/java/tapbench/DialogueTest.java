package tapbench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The dialogues of the Go emulator. Left out are those in which the platform answers, not the
 * applet (nothing is selected, or an AID is cut short), and the torn one; Go runs them all.
 */
class DialogueTest {
    @ParameterizedTest
    @ValueSource(strings = {
        "get-data-fresh", "select-management", "select-payment", "select-offline", "select-ppse",
        "generate-key", "order-fresh", "get-response", "get-response-dropped", "tap-unarmed",
        "tap-order", "spend-unarmed", "spend-order", "chain-complete", "chain-interrupted",
        "chain-select", "chain-too-long", "personalised-commands-fresh"})
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
