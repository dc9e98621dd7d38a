package tapbench;

/** The payment application: dispatch of its EMV commands. Installed after the management's. */
public final class PaymentApplet extends Application {
    private static final byte INTER = (byte) (CommandTable.INTER | CommandTable.OPEN
        | CommandTable.LOCKED);
    private static final byte OPEN = (byte) (CommandTable.OPEN | CommandTable.LOCKED);
    private static final byte OWN = CommandTable.OWN;

    /** The commands, in PROTOCOL.md's order. */
    private static final byte[] COMMANDS = {
        OPEN, Wire.INS_GET_PROCESSING_OPTIONS, 1, 1, 0, (byte) PaymentCommands.OPTIONS_LEN,
        OPEN, Wire.INS_EXCHANGE_RELAY, 1, 1, 0, (byte) Wire.ENTROPY_LEN,
        INTER, Wire.INS_EXTERNAL_AUTHENTICATE, 1, 1, 0, (byte) MerchantProof.DATA_LEN,
        INTER, Wire.INS_READ_RECORD, OWN, 1, 0, 0,
        OPEN, Wire.INS_GENERATE_AC, OWN, 1, -1, -1,
    };

    private final MerchantProof merchant;
    private final PaymentCommands payment;
    private final CryptogramCommand cryptogram;

    private PaymentApplet(Element element) {
        super(element, COMMANDS);
        merchant = new MerchantProof(element, false);
        payment = new PaymentCommands(element, merchant);
        cryptogram = new CryptogramCommand(element);
    }

    /** Installs the application under the AID in the parameters. */
    public static void install(byte[] parameters, short off, byte len) {
        new PaymentApplet(SecureElementApplet.shared()).register(parameters, (short) (off + 1),
            parameters[off]);
    }

    @Override
    short select(byte[] out) {
        return Emv.write(Emv.FCI, out);
    }

    @Override
    void checkParameters(byte ins, byte p1, byte p2) {
        if (ins == Wire.INS_READ_RECORD) {
            PaymentCommands.checkRecord(p1, p2);
        } else {
            CryptogramCommand.checkParameters(p1, p2);
        }
    }

    @Override
    boolean isLength(byte ins, byte p1, short len) {
        return CryptogramCommand.isLength(len);
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
                return payment.readRecord(p1);
            default:
                return cryptogram.generate(p1, len);
        }
    }
}
