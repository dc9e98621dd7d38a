package tapbench;

/** The PPSE, which names the payment application: SELECT and GET RESPONSE only. */
public final class PpseApplet extends Application {
    private static final byte[] NO_COMMANDS = {};

    private PpseApplet(Element element) {
        super(element, NO_COMMANDS);
    }

    /** Installs the application under the AID in the parameters. */
    public static void install(byte[] parameters, short off, byte len) {
        new PpseApplet(SecureElementApplet.shared()).register(parameters, (short) (off + 1),
            parameters[off]);
    }

    @Override
    short select(byte[] out) {
        return Emv.write(Emv.PPSE, out);
    }

    @Override
    void checkParameters(byte ins, byte p1, byte p2) {
        // No command has any.
    }

    @Override
    boolean isLength(byte ins, byte p1, short len) {
        return false;
    }

    @Override
    short act(byte ins, byte p1, byte p2, short len) {
        return 0;
    }
}
