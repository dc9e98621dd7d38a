package tapbench;

import java.io.IOException;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import tearing.Power;
import tearing.PowerCut;

/**
 * A card whose every command is first cut before each of its stores, which its host doesn't see:
 * after each cut the persistent state must be that from before the command; then the card is reset
 * and gets back what it had in RAM. In the end the command runs whole. It runs under the tearing
 * agent.
 */
final class TornCard extends Installed {
    /** Serves such cards, as {@link Bridge} does; its last words are the number of cuts. */
    public static void main(String[] arguments) throws IOException {
        Bridge.serve(TornCard::new);
        System.err.println("cuts: " + cuts);
    }

    private static long cuts;

    @Override
    byte[] transmit(byte[] command) {
        Power.reset();
        List<Object> ram = ram();
        List<Object> kept = ram.stream().map(TornCard::copy).toList();
        List<String> old = new State(applet().element).all();
        for (long n = 1; ; n++) {
            Power.cutAt(n);
            try {
                return super.transmit(command);
            } catch (PowerCut cut) {
                cuts++;
            }
            Power.reset();
            List<String> now = new State(applet().element).all();
            if (!old.equals(now)) {
                throw new IllegalStateException("INS %02X, cut before store %d: parts %s changed"
                    .formatted(command[1], n, different(old, now)));
            }
            reset();
            select();
            for (int i = 0; i < ram.size(); i++) {
                System.arraycopy(kept.get(i), 0, ram.get(i), 0, Array.getLength(kept.get(i)));
            }
        }
    }

    private static List<Integer> different(List<String> old, List<String> now) {
        List<Integer> parts = new ArrayList<>();
        for (int i = 0; i < old.size(); i++) {
            if (!old.get(i).equals(now.get(i))) {
                parts.add(i);
            }
        }
        return parts;
    }

    private static Object copy(Object array) {
        int len = Array.getLength(array);
        Object copy = Array.newInstance(array.getClass().getComponentType(), len);
        System.arraycopy(array, 0, copy, 0, len);
        return copy;
    }
}
