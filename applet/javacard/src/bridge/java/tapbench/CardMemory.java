package tapbench;

import java.util.Arrays;

/** What a card keeps without power, as bytes of a fixed length, keys in clear. */
public abstract class CardMemory {
    private byte[] last;

    /** Returns the state. */
    public abstract byte[] get();

    /** Puts a state, as long as {@link #get} gives it, into a card that has none yet. */
    protected abstract void set(byte[] state);

    /** Puts a state into a card that has none yet. */
    public final void put(byte[] state) {
        int len = get().length;
        if (state.length != len) {
            throw new IllegalArgumentException(state.length + " bytes of state, not " + len);
        }
        set(state);
        last = state;
    }

    /** Has changes told from now on. */
    protected final void begin() {
        last = get();
    }

    /** Returns the state if it has changed since the last call, otherwise nothing. */
    public final byte[] changed() {
        byte[] now = get();
        if (Arrays.equals(now, last)) {
            return new byte[0];
        }
        last = now;
        return now;
    }
}
