package tapbench;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Serves cards over standard input and output, for Go package applet/jcardsim: a request is
 * operation [1] || card [4] || length [2] || data, its answer length [2] || data. Operations: N
 * makes a card, T transmits a command, R resets, D drops a card. It ends with its input.
 */
final class Bridge {
    private Bridge() {
    }

    public static void main(String[] arguments) throws IOException {
        serve(Installed::new);
    }

    /** Serves cards of some kind. */
    static void serve(Supplier<Installed> made) throws IOException {
        DataInputStream in = new DataInputStream(System.in);
        DataOutputStream out = new DataOutputStream(System.out);
        System.setOut(System.err); // the simulator writes there
        Map<Integer, Installed> cards = new HashMap<>();
        while (true) {
            int operation;
            try {
                operation = in.readUnsignedByte();
            } catch (EOFException e) {
                return;
            }
            int card = in.readInt();
            byte[] answer = answer(made, cards, operation, card,
                in.readNBytes(in.readUnsignedShort()));
            out.writeShort(answer.length);
            out.write(answer);
            out.flush();
        }
    }

    private static byte[] answer(Supplier<Installed> made, Map<Integer, Installed> cards,
            int operation, int card, byte[] data) {
        switch (operation) {
            case 'N' -> cards.put(card, made.get());
            case 'T' -> {
                return cards.get(card).transmit(data);
            }
            case 'R' -> cards.get(card).reset();
            case 'D' -> cards.remove(card);
            default -> throw new IllegalArgumentException("operation " + operation);
        }
        return new byte[0];
    }
}
