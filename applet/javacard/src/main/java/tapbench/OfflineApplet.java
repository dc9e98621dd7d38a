package tapbench;

/** The offline payment application: dispatch. Installed after the management's. */
public final class OfflineApplet extends Application {
    private static final byte INTER = (byte) (CommandTable.INTER | CommandTable.OPEN
        | CommandTable.LOCKED);
    private static final byte OPEN = (byte) (CommandTable.OPEN | CommandTable.LOCKED);
    private static final byte OWN = CommandTable.OWN;

    /** The commands, in PROTOCOL.md's order. */
    private static final byte[] COMMANDS = {
        OPEN, Wire.INS_GET_PROCESSING_OPTIONS, 1, 1, 0, (byte) OfflineCommands.OPTIONS_LEN,
        OPEN, Wire.INS_EXCHANGE_RELAY, 1, 1, 0, (byte) Wire.ENTROPY_LEN,
        INTER, Wire.INS_EXTERNAL_AUTHENTICATE, 1, 1, 0, (byte) MerchantProof.DATA_LEN,
        INTER, Wire.INS_READ_RECORD, OWN, 1, 0, 0,
        OPEN, Wire.INS_GENERATE_AC, OWN, 1, 0, (byte) StatementCommands.CDOL1_LEN,
        OPEN, Wire.INS_TICK, OWN, 1, 0, 0,
        OPEN, Wire.INS_PUT_DATA, OWN, 1, 0, (byte) Wire.SIGNATURE_LEN,
    };

    private final MerchantProof merchant;
    private final OfflineCommands payment;
    private final StatementCommands statement;

    private OfflineApplet(Element element) {
        super(element, COMMANDS);
        merchant = new MerchantProof(element, true);
        payment = new OfflineCommands(element, merchant);
        statement = new StatementCommands(element);
    }

    /** Installs the application under the AID in the parameters. */
    public static void install(byte[] parameters, short off, byte len) {
        new OfflineApplet(SecureElementApplet.shared()).register(parameters, (short) (off + 1),
            parameters[off]);
    }

    @Override
    short select(byte[] out) {
        return Emv.write(Emv.OFFLINE_FCI, out);
    }

    @Override
    void checkParameters(byte ins, byte p1, byte p2) {
        switch (ins) {
            case Wire.INS_READ_RECORD:
                OfflineCommands.checkRecord(p1, p2);
                break;
            case Wire.INS_GENERATE_AC:
                CryptogramCommand.checkParameters(p1, p2);
                break;
            case Wire.INS_TICK:
                StatementCommands.checkTick(p2);
                break;
            default:
                StatementCommands.checkTag(p1, p2);
                break;
        }
    }

    @Override
    boolean isLength(byte ins, byte p1, short len) {
        return false; // every row has its own
    }

    @Override
    short act(byte ins, byte p1, byte p2, short len) {
        switch (ins) {
            case Wire.INS_GET_PROCESSING_OPTIONS:
                return payment.options();
            case Wire.INS_EXCHANGE_RELAY:
                return RelayResistance.exchange(element.ram);
            case Wire.INS_EXTERNAL_AUTHENTICATE:
                return merchant.authenticate();
            case Wire.INS_READ_RECORD:
                return payment.readRecord();
            case Wire.INS_GENERATE_AC:
                return statement.generate(p1);
            case Wire.INS_TICK:
                return statement.tick(p1);
            default:
                return statement.putReceipt();
        }
    }
}
