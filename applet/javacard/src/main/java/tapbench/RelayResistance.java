package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * The exchange against relays of both payment applications (EMV Contactless Book C-2). The card's
 * entropies are drawn before it, so that the measured time holds nothing but the exchange.
 */
final class RelayResistance {
    private static final byte[] TIMES = {
        0, Wire.RELAY_MIN, 0, Wire.RELAY_MAX, 0, Wire.RELAY_TRANSMISSION};

    private static final byte FORMAT_1 = (byte) 0x80;
    private static final short CARD = (short) (TapState.RELAY + Wire.ENTROPY_LEN);
    private static final short BODY_LEN = (short) (Wire.RELAY_LEN - Wire.ENTROPY_LEN);

    private RelayResistance() {
    }

    /** Draws an entropy for each try. The tap is empty. */
    static void draw(Element element) {
        element.random(element.ram.tap, TapState.ENTROPY, TapState.ENTROPIES_LEN);
    }

    /**
     * EXCHANGE RELAY RESISTANCE DATA (80 EA): the terminal's entropy [4]. Nothing offered, a record
     * read, or three tries: 6985. Answer: 80 0A || entropy [4] || min || max || transmission time.
     */
    static short exchange(Transients ram) {
        byte[] tap = ram.tap;
        byte[] out = ram.buffer;
        byte tries = tap[TapState.RELAY_TRIES];
        if (tap[TapState.STAGE] != TapState.OFFERED || tries >= Wire.RELAY_TRIES) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
            return 0;
        }
        tap[TapState.RELAY_TRIES] = (byte) (tries + 1);
        Util.arrayCopyNonAtomic(out, (short) 0, tap, TapState.RELAY, Wire.ENTROPY_LEN);
        short at = Util.arrayCopyNonAtomic(tap,
            (short) (TapState.ENTROPY + tries * Wire.ENTROPY_LEN), tap, CARD, Wire.ENTROPY_LEN);
        Util.arrayCopyNonAtomic(TIMES, (short) 0, tap, at, (short) TIMES.length);
        out[0] = FORMAT_1;
        out[1] = (byte) BODY_LEN;
        return Util.arrayCopyNonAtomic(tap, CARD, out, (short) 2, BODY_LEN);
    }
}
