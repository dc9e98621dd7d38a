package tearing;

/** What ends a command when the power fails. It is an Error, so that no applet catches it. */
public final class PowerCut extends Error {
    private static final long serialVersionUID = 1;

    /** The store that the cut came before, counted from 1. */
    private final long store;

    PowerCut(long store) {
        super("power cut before store " + store, null, false, true);
        this.store = store;
    }

    /** Returns the store that didn't happen, counted from 1 since {@link Power#cutAt}. */
    public long store() {
        return store;
    }
}
