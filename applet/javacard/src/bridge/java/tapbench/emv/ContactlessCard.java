package tapbench.emv;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tapbench.CardMemory;
import tapbench.KeySource;
import tapbench.Simulated;

/** A simulator's card with the contactless payment application and its PPSE on it. */
public final class ContactlessCard extends Simulated {
    private static final byte[] DIRECTORY = "2PAY.SYS.DDF01".getBytes(StandardCharsets.US_ASCII);

    private final SavedContactless memory;

    /** Installs the payment application under a name, 5 to 16 bytes. */
    public ContactlessCard(byte[] name) {
        install(name, ContactlessApplet.class);
        install(DIRECTORY, DirectoryApplet.class);
        ContactlessApplet payment = (ContactlessApplet) applet(name);
        KeySource.randomize(payment.algorithms.pair);
        memory = new SavedContactless(name, payment, (DirectoryApplet) applet(DIRECTORY));
    }

    /** Makes a card as it was saved. */
    public static ContactlessCard of(byte[] state) {
        ContactlessCard card = new ContactlessCard(SavedContactless.nameOf(state));
        card.memory.put(state);
        return card;
    }

    @Override
    public CardMemory memory() {
        return memory;
    }

    /** Returns how many bytes its state has. */
    public static int stateLen() {
        byte[] name = Arrays.copyOf(DIRECTORY, 5);
        return new ContactlessCard(name).memory.get().length;
    }
}
