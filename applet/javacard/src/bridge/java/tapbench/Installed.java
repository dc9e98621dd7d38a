package tapbench;

/** A simulator's card with the element's applications on it. */
class Installed extends Simulated {
    private final SavedState memory;

    Installed() {
        install(Wire.AID_MANAGEMENT, SecureElementApplet.class);
        install(Wire.AID_PAYMENT, PaymentApplet.class);
        install(Wire.AID_OFFLINE, OfflineApplet.class);
        install(Wire.AID_PPSE, PpseApplet.class);
        KeySource.randomize(applet().element.keys.pairs);
        memory = new SavedState(applet().element);
    }

    /** Returns the application, for a look at its state. */
    SecureElementApplet applet() {
        return (SecureElementApplet) applet(Wire.AID_MANAGEMENT);
    }

    @Override
    public final CardMemory memory() {
        return memory;
    }
}
