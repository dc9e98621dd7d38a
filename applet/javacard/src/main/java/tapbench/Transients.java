package tapbench;

import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * What the applet holds in RAM: arrays that are made once and are empty after reset and after
 * another selection (CLEAR_ON_DESELECT). Offsets into {@link #work} are named here, because uses
 * that never live at the same time share a place.
 *
 * <pre>
 *   0  HMAC_BLOCK  64  the padded key of the HMAC that is under way
 *  64  SECRET      32  HPKE: the agreement, then the context's exporter secret
 *  96  HASHES      64  HPKE: psk_id_hash, info_hash while a context is made
 *  96  KEYS        48  channel keys enc || mac, then room for the rest of an export
 *  96  DER         72  a signature in DER while one is made or checked
 * 168  MAC         16  CMAC: the chaining value
 * 184  SUBKEY      16  CMAC: K1, K2
 * 200  CONTEXT     16  type || label || name; the IV of a sealed message
 * 216  FILL         1  CMAC: the bytes in the chaining value's last block
 * </pre>
 */
final class Transients {
    static final short HMAC_BLOCK = 0;
    static final short SECRET = 64;
    static final short HASHES = 96;
    static final short KEYS = 96;
    static final short DER = 96;
    static final short MAC = 168;
    static final short SUBKEY = 184;
    static final short CONTEXT = 200;
    static final short FILL = 216;
    static final short WORK_LEN = 217;

    private static final byte WAITING_FROM = 0;
    private static final byte WAITING_LEN = 1;

    /** Everything of the list above. */
    final byte[] work;

    /** A chain's data, or the answer that waits for GET RESPONSE: never both. */
    final byte[] buffer;

    private final short[] answer;

    Transients() {
        work = JCSystem.makeTransientByteArray(WORK_LEN, JCSystem.CLEAR_ON_DESELECT);
        buffer = JCSystem.makeTransientByteArray(Wire.BUFFER_LEN, JCSystem.CLEAR_ON_DESELECT);
        answer = JCSystem.makeTransientShortArray((short) 2, JCSystem.CLEAR_ON_DESELECT);
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

    /** Empties what held secrets. */
    void wipe() {
        Util.arrayFillNonAtomic(work, (short) 0, WORK_LEN, (byte) 0);
    }
}
