package tapbench;

import java.io.IOException;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tearing.Power;
import tearing.PowerCut;

/**
 * A card whose every command is first cut before each of its stores, which its host doesn't see:
 * after each cut the persistent state must be that from before the command; then the card is reset
 * and gets back what it had in RAM. In the end the command runs whole. Then nothing may have been
 * left to the platform, and a command that was refused must have changed nothing. No transaction may
 * hold more than a small card's. It runs under the tearing agent.
 */
final class TornCard extends Installed {
    private static final int ACCEPTED = 0x90;
    private static final int GOES_ON = 0x61;
    private static final int TRANSACTION_MAX = 700; // bytes

    /** By application and command: how often it was cut. */
    private static final Map<String, Integer> CUTS = new TreeMap<>();

    private byte[] selected = Wire.AID_MANAGEMENT;

    /**
     * Serves such cards, as {@link Bridge} does. Its last words are a line for each command: the last
     * byte of the application's AID, CLA, INS, the number of cuts.
     */
    public static void main(String[] arguments) throws IOException {
        Power.capacity(TRANSACTION_MAX);
        Bridge.serve(TornCard::new);
        CUTS.forEach((command, cuts) -> System.err.println("cuts: " + command + " " + cuts));
    }

    @Override
    byte[] transmit(byte[] command) {
        Power.reset();
        List<Object> ram = ram();
        List<Object> kept = ram.stream().map(TornCard::copy).toList();
        CardMemory state = memory();
        byte[] old = state.get();
        for (int n = 1; ; n++) {
            Power.cutAt(n);
            try {
                byte[] answer = super.transmit(command);
                look(command, answer, Arrays.equals(old, state.get()), n - 1);
                return answer;
            } catch (PowerCut cut) {
                Power.reset();
            }
            int at = Arrays.mismatch(old, state.get());
            if (at >= 0) {
                throw new IllegalStateException(
                    "%s, cut before store %d: the state changed at byte %d".formatted(name(command),
                        n, at));
            }
            reset();
            select(selected);
            for (int i = 0; i < ram.size(); i++) {
                System.arraycopy(kept.get(i), 0, ram.get(i), 0, Array.getLength(kept.get(i)));
            }
        }
    }

    /** Looks at a command that wasn't cut in the end. */
    private void look(byte[] command, byte[] answer, boolean isOld, int cuts) {
        if (Power.stores() > cuts) { // fewer where a cut has emptied a key object before
            throw new IllegalStateException(
                "%s: %d stores, %d cuts".formatted(name(command), Power.stores(), cuts));
        }
        if (!Power.doubts().isEmpty()) {
            throw new IllegalStateException(name(command) + " leaves to the platform: "
                + String.join("; ", Power.doubts()));
        }
        int sw1 = answer[answer.length - 2] & 0xFF;
        boolean isAccepted = sw1 == ACCEPTED || sw1 == GOES_ON;
        if (!isAccepted && !isOld) {
            throw new IllegalStateException(
                "%s was refused by %02X%02X and yet changed the state".formatted(name(command), sw1,
                    answer[answer.length - 1]));
        }
        boolean selects = command[0] == Wire.CLA_INTERINDUSTRY && command[1] == Wire.INS_SELECT;
        if (isAccepted && selects) {
            selected = Arrays.copyOfRange(command, 5, 5 + command[4]);
        }
        if (isAccepted) {
            CUTS.merge(name(command), cuts, Integer::sum);
        }
    }

    private String name(byte[] command) {
        return "%02X %02X %02X".formatted(selected[selected.length - 1],
            command[0] & ~Wire.CLA_CHAINING & 0xFF, command[1]);
    }

    private static Object copy(Object array) {
        int len = Array.getLength(array);
        Object copy = Array.newInstance(array.getClass().getComponentType(), len);
        System.arraycopy(array, 0, copy, 0, len);
        return copy;
    }
}
