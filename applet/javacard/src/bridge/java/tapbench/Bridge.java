package tapbench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import tapbench.emv.ContactlessCard;

/**
 * Serves cards over {@link Pipe}, for Go package applet/jcardsim. It begins by saying hello: "TAPJ"
 * || version of this protocol [1] || length of an element's state [2] || of a contactless card's
 * [2]. Its operations:
 *
 * <ul>
 *   <li>N makes a card, L one with a state: a secure element.
 *   <li>E makes a contactless card by the name of its payment application, F one with a state.
 *   <li>T transmits a command, and answers length [2] || the card's answer || its state if the
 *       command has changed it.
 *   <li>S answers the state, M how long the simulator had commands since the last M, in ns [8].
 *   <li>R resets a card, D drops it.
 *   <li>C orders a power cut ({@link PowerSwitch}); the command's answer is empty then.
 *   <li>K begins recorded sources for all cards, or ends them.
 *   <li>A hides algorithms from the cards that are made next ({@link Hidden}).
 *   <li>O answers what the applet has asked of the platform ({@link Tally}).
 * </ul>
 *
 * It ends with its input.
 */
final class Bridge {
    private static final byte VERSION = 2;

    private final Supplier<Installed> made;
    private final Map<Integer, Simulated> cards = new HashMap<>();
    private long transmitting; // in ns

    private Bridge(Supplier<Installed> made) {
        this.made = made;
    }

    public static void main(String[] arguments) throws IOException {
        serve(Installed::new);
    }

    /** Serves cards of some kind. */
    static void serve(Supplier<Installed> made) throws IOException {
        Pipe pipe = new Pipe();
        System.setOut(System.err); // the simulator writes there
        pipe.answer(hello());
        Bridge bridge = new Bridge(made);
        for (Pipe.Request r = pipe.next(); r != null; r = pipe.next()) {
            pipe.answer(bridge.answer(r));
        }
    }

    private static byte[] hello() {
        return ByteBuffer.allocate(9).put("TAPJ".getBytes(StandardCharsets.US_ASCII)).put(VERSION)
            .putShort((short) SavedState.LEN).putShort((short) ContactlessCard.stateLen()).array();
    }

    private byte[][] answer(Pipe.Request r) {
        Simulated card = cards.get(r.card());
        switch (r.operation()) {
            case 'N' -> cards.put(r.card(), made.get());
            case 'L' -> {
                Installed element = made.get();
                element.memory().put(r.data());
                cards.put(r.card(), element);
            }
            case 'E' -> cards.put(r.card(), new ContactlessCard(r.data()));
            case 'F' -> cards.put(r.card(), ContactlessCard.of(r.data()));
            case 'T' -> {
                return transmit(card, r.data());
            }
            case 'S' -> {
                return parts(card.memory().get());
            }
            case 'M' -> {
                byte[] answer = ByteBuffer.allocate(8).putLong(transmitting).array();
                transmitting = 0;
                return parts(answer);
            }
            case 'R' -> card.reset();
            case 'D' -> cards.remove(r.card());
            case 'C' -> PowerSwitch.set(r.data());
            case 'K' -> Recorded.use(r.data());
            case 'A' -> Hidden.set(r.data());
            case 'O' -> {
                return parts(Tally.take());
            }
            default -> throw new IllegalArgumentException("operation " + r.operation());
        }
        return parts();
    }

    private byte[][] transmit(Simulated card, byte[] command) {
        long start = System.nanoTime();
        byte[] answer = PowerSwitch.transmit(card, command);
        transmitting += System.nanoTime() - start;
        byte[] length = {(byte) (answer.length >> 8), (byte) answer.length};
        return parts(length, answer, card.memory().changed());
    }

    private static byte[][] parts(byte[]... parts) {
        return parts;
    }
}
