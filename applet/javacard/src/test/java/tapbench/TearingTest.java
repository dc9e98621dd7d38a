package tapbench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tearing.Power;

/**
 * Every command of the dialogues that the applet answers, cut before each of its stores: afterwards
 * the card's objects are those from before the command, or those from after it.
 */
class TearingTest {
    private static final String SELECT = "00A404000AF054415042454E434801";

    @Test
    void countsWhatAnInstallationStores() {
        Power.reset();
        new Installed();
        assertTrue(Power.stores() > 0, "the agent doesn't see the applet");
    }

    @ParameterizedTest
    @ValueSource(strings = {"get-data-fresh", "select-management", "select-unknown"})
    void leavesTheOldStateOrTheNewOne(String name) {
        List<Dialogue.Exchange> exchanges = Dialogue.read(name).exchanges();
        for (int at = 0; at < exchanges.size(); at++) {
            String command = exchanges.get(at).command();
            if (command == null) {
                continue;
            }
            List<Dialogue.Exchange> earlier = exchanges.subList(0, at);
            String old = state(after(earlier));
            Installed whole = after(earlier);
            whole.send(command);
            String changed = state(whole);
            Power.everyCut(() -> after(earlier), card -> card.send(command), (card, cut) -> {
                String now = state(card);
                if (cut == 0 || !now.equals(old)) {
                    assertEquals(changed, now, command + ", cut before store " + cut);
                }
            });
            assertTrue(Power.doubts().isEmpty(), command + ": " + Power.doubts());
        }
    }

    private static Installed after(List<Dialogue.Exchange> exchanges) {
        Installed card = new Installed();
        for (Dialogue.Exchange exchange : exchanges) {
            if (exchange.command() == null) {
                card.reset();
            } else {
                card.send(exchange.command());
            }
        }
        return card;
    }

    /** Returns every object that GET DATA gives, after a reset. */
    private static String state(Installed card) {
        card.reset();
        card.send(SELECT);
        StringBuilder state = new StringBuilder();
        for (int tag = Wire.DATA_CAPABILITY; tag <= Wire.DATA_TOKENS; tag++) {
            state.append(card.send("00CA%04X00".formatted(tag & 0xFFFF))).append('\n');
        }
        return state.toString();
    }
}
