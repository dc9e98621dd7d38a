package tearing;

/** What ends a command when the power fails. It is an Error, so that no applet catches it. */
public final class PowerCut extends Error {
    private static final long serialVersionUID = 1;

    /** The store that the cut came before, or the commit that it came after. */
    private final long store;

    PowerCut(long store) {
        super("power cut at store " + store, null, false, true);
        this.store = store;
    }

    /**
     * Returns the store that didn't happen, or the commit that the cut came after, counted from 1
     * since {@link Power#cutAt} or {@link Power#cutAfterCommit}.
     */
    public long store() {
        return store;
    }
}
