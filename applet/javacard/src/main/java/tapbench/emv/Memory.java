package tapbench.emv;

import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * What an application holds in RAM: empty after a reset and another selection. Places in {@link
 * #tap}, one transaction:
 *
 * <pre>
 *  0  STAGE      1  how far it has come
 *  1  SIGNED     1  not 0: the card has signed in it, by DDA
 *  2  TRIES      1  relay resistance: how often data were exchanged
 *  3  ENTROPY   12  the card's, for each try
 * 15  EXCHANGED 14  the terminal's entropy, the card's, and its times, of the last exchange
 * 29  PDOL      64  the values that the PDOL asked for
 * </pre>
 *
 * <p>And in {@link #work}, where nothing outlives a command:
 *
 * <pre>
 *  0  BLOCK    128  what is signed; before that the session key's halves, the terminal's values
 * </pre>
 */
final class Memory {
    /** An answer has at most so many bytes. */
    static final short ANSWER_LEN = 256;

    static final short STAGE = 0;
    static final short SIGNED = 1;
    static final short TRIES = 2;
    static final short ENTROPY = 3;
    static final short EXCHANGED = (short) (ENTROPY + Relay.TRIES * Relay.ENTROPY_LEN);
    static final short PDOL = (short) (EXCHANGED + Relay.LEN);
    static final short TAP_LEN = (short) (PDOL + PaymentRules.PDOL_MOST);

    static final short WORK_LEN = CardKeys.MODULUS_LEN;

    /** Stages: selected, GET PROCESSING OPTIONS answered, cryptogram given. */
    static final byte SELECTED = 0;
    static final byte INITIATED = 1;
    static final byte DONE = 2;

    private static final byte FROM = 0;
    private static final byte LEN = 1;
    private static final byte WAITING_LEN = 2;

    /** The answer that is being made, or what waits of it for GET RESPONSE. */
    final byte[] answer;
    final byte[] tap;
    final byte[] work;

    private final short[] waiting;

    Memory(short tapLen, short workLen) {
        answer = JCSystem.makeTransientByteArray(ANSWER_LEN, JCSystem.CLEAR_ON_DESELECT);
        tap = JCSystem.makeTransientByteArray(tapLen, JCSystem.CLEAR_ON_DESELECT);
        work = JCSystem.makeTransientByteArray(workLen, JCSystem.CLEAR_ON_DESELECT);
        waiting = JCSystem.makeTransientShortArray(WAITING_LEN, JCSystem.CLEAR_ON_DESELECT);
    }

    /** Returns where in the answer what waits begins. */
    short waitingFrom() {
        return waiting[FROM];
    }

    /** Returns how many bytes wait. */
    short waitingLen() {
        return waiting[LEN];
    }

    /** Remembers what waits. */
    void setWaiting(short from, short len) {
        waiting[FROM] = from;
        waiting[LEN] = len;
    }

    /** Forgets everything, as a reset does. */
    void reset() {
        setWaiting((short) 0, (short) 0);
        Util.arrayFillNonAtomic(tap, (short) 0, (short) tap.length, (byte) 0);
        wipe();
    }

    /** Empties what only one command uses. */
    void wipe() {
        Util.arrayFillNonAtomic(work, (short) 0, (short) work.length, (byte) 0);
    }
}
