package tapbench;

import java.nio.ByteBuffer;
import tearing.Power;
import tearing.PowerCut;

/** Cuts the power of cards in the middle of a command, in a machine that runs the tearing agent. */
final class PowerSwitch {
    private PowerSwitch() {
    }

    /**
     * Takes n [4] || after [1]: the power is cut before the n-th store from now on or, with after
     * 01, after the n-th commit; n = 0 means never. A reset brings the power back.
     */
    static void set(byte[] order) {
        ByteBuffer in = ByteBuffer.wrap(order);
        int n = in.getInt();
        if (in.get() == 0) {
            Power.cutAt(n);
        } else {
            Power.cutAfterCommit(n);
        }
    }

    /** Sends a command to a card and returns its answer, which is empty if the power was cut. */
    static byte[] transmit(Simulated card, byte[] command) {
        try {
            return card.transmit(command);
        } catch (PowerCut cut) {
            return new byte[0];
        }
    }
}
