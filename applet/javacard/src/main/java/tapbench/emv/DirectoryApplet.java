package tapbench.emv;

/**
 * The PPSE (EMV Contactless Book B 2.6, 3.3.1): SELECT alone, once it is personalised. Installed
 * under the name in the parameters, 2PAY.SYS.DDF01.
 */
public final class DirectoryApplet extends CardApplet {
    private static final short ROOM = 240; // bytes of data groupings

    private DirectoryApplet(DataGroups groups) {
        super(groups, new Memory((short) 1, (short) 1), new DirectoryRules(groups));
    }

    /** Installs the application under the AID in the parameters. */
    public static void install(byte[] parameters, short off, byte len) {
        new DirectoryApplet(new DataGroups(ROOM)).register(parameters, (short) (off + 1),
            parameters[off]);
    }

    @Override
    boolean has(byte cla, byte ins) {
        return false;
    }

    @Override
    short act(byte ins, byte[] buffer, short off, short len) {
        return 0;
    }
}
