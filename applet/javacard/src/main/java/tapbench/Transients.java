package tapbench;

import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * What the applet holds in RAM: arrays that are made once and are empty after reset and after
 * another selection (CLEAR_ON_DESELECT). Offsets into {@link #work} are named here, because uses
 * that never live at the same time share a place.
 *
 * <pre>
 *   0  NONCE       16  the challenge that is being answered
 *   0  HMAC_BLOCK  64  the padded key of the HMAC that is under way
 *   0  STEP        52  one step of a token's chain
 *  64  SECRET      32  HPKE: the agreement, then the context's exporter secret
 *  64  SEED        32  a token chain's seed, then its last value
 *  96  HASHES      64  HPKE: psk_id_hash, info_hash while a context is made
 *  96  KEYS        48  channel keys enc || mac, then room for the rest of an export
 *  96  IAD          7  what a card says of itself in a cryptogram
 *  96  NUMBERS     28  amount, total and times while a token is chosen
 *  96  IDENTITY    32  a hash until it is streamed: a TID, H(PK_U)
 *  96  DER         72  a signature in DER while one is made or checked
 * 168  MAC         16  CMAC: the chaining value
 * 184  SUBKEY      16  CMAC: K1, K2
 * 200  CONTEXT     16  type || label || name; the IV of a sealed message
 * 216  FILL         1  CMAC: the bytes in the chaining value's last block
 * 217  TH          32  the transcript of the message that is being made or read
 * 249  COUNTER      4  the counter after the one that is being used
 * </pre>
 */
final class Transients {
    static final short NONCE = 0;
    static final short HMAC_BLOCK = 0;
    static final short STEP = 0;
    static final short SECRET = 64;
    static final short SEED = 64;
    static final short HASHES = 96;
    static final short KEYS = 96;
    static final short IAD = 96;
    static final short NUMBERS = 96;
    static final short IDENTITY = 96;
    static final short DER = 96;
    static final short MAC = 168;
    static final short SUBKEY = 184;
    static final short CONTEXT = 200;
    static final short FILL = 216;
    static final short TH = 217;
    static final short COUNTER = 249;
    static final short WORK_LEN = 253;

    /** Places in {@link #session}; a flag is set when it isn't 0. */
    static final short PROVEN = 0; // the host has shown the pairing key
    static final short LAUNCHED = 1; // and the program that it was started as
    static final short HELD = 2; // a challenge is held
    static final short CHALLENGE = 3;
    static final short CHAIN_OPEN = 19;
    static final short CHAIN_HEADER = 20; // of its first link, without the chaining bit
    static final short SESSION_LEN = 24;

    private static final byte WAITING_FROM = 0;
    private static final byte WAITING_LEN = 1;
    private static final byte CHAIN_LEN = 2;
    private static final byte ANSWER_LEN = 3;

    /** Everything of the list above. */
    final byte[] work;

    /** A chain's data, or the answer that waits for GET RESPONSE: never both. */
    final byte[] buffer;

    /** What lasts from one command to the next. */
    final byte[] session;

    /** One payment: {@link TapState}. */
    final byte[] tap;

    private final short[] answer;

    Transients() {
        work = JCSystem.makeTransientByteArray(WORK_LEN, JCSystem.CLEAR_ON_DESELECT);
        buffer = JCSystem.makeTransientByteArray(Wire.BUFFER_LEN, JCSystem.CLEAR_ON_DESELECT);
        session = JCSystem.makeTransientByteArray(SESSION_LEN, JCSystem.CLEAR_ON_DESELECT);
        tap = JCSystem.makeTransientByteArray(TapState.LEN, JCSystem.CLEAR_ON_DESELECT);
        answer = JCSystem.makeTransientShortArray(ANSWER_LEN, JCSystem.CLEAR_ON_DESELECT);
    }

    /** Returns how many bytes of an answer wait in the buffer. */
    short waitingLen() {
        return answer[WAITING_LEN];
    }

    /** Returns where they begin. */
    short waitingFrom() {
        return answer[WAITING_FROM];
    }

    /** Remembers what waits. */
    void setWaiting(short from, short len) {
        answer[WAITING_FROM] = from;
        answer[WAITING_LEN] = len;
    }

    /** Returns how many bytes of a chain lie in the buffer. */
    short chainLen() {
        return answer[CHAIN_LEN];
    }

    /** Remembers how many. */
    void setChain(short len) {
        answer[CHAIN_LEN] = len;
    }

    /** Forgets the challenge. */
    void dropChallenge() {
        Util.arrayFillNonAtomic(session, HELD, (short) (1 + Wire.NONCE_LEN), (byte) 0);
    }

    /** Forgets the tap. */
    void endTap() {
        Util.arrayFillNonAtomic(tap, (short) 0, TapState.LEN, (byte) 0);
    }

    /** Forgets everything, as a reset does. */
    void reset() {
        Util.arrayFillNonAtomic(session, (short) 0, SESSION_LEN, (byte) 0);
        endTap();
        setWaiting((short) 0, (short) 0);
        setChain((short) 0);
        wipe();
    }

    /** Empties what may have held secrets: all but a chain's data and a waiting answer. */
    void wipe() {
        Util.arrayFillNonAtomic(work, (short) 0, WORK_LEN, (byte) 0);
        boolean chains = session[CHAIN_OPEN] != 0;
        short from = chains ? 0 : waitingFrom();
        short end = (short) (from + (chains ? chainLen() : waitingLen()));
        Util.arrayFillNonAtomic(buffer, (short) 0, from, (byte) 0);
        if (end < Wire.BUFFER_LEN) { // not every platform fills nothing at an array's end
            Util.arrayFillNonAtomic(buffer, end, (short) (Wire.BUFFER_LEN - end), (byte) 0);
        }
    }
}
