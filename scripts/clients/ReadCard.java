import com.github.devnied.emvnfccard.exception.CommunicationException;
import com.github.devnied.emvnfccard.model.Application;
import com.github.devnied.emvnfccard.model.EmvCard;
import com.github.devnied.emvnfccard.parser.EmvTemplate;
import com.github.devnied.emvnfccard.parser.IProvider;
import javax.smartcardio.Card;
import javax.smartcardio.CardChannel;
import javax.smartcardio.CardException;
import javax.smartcardio.CardTerminal;
import javax.smartcardio.CommandAPDU;
import javax.smartcardio.TerminalFactory;

/** Reads the card on the first reader that holds one, and prints what the library makes of it. */
public final class ReadCard {
    public static void main(String[] args) throws Exception {
        boolean contactless = args[0].equals("contactless");
        for (CardTerminal terminal : TerminalFactory.getDefault().terminals().list()) {
            if (terminal.isCardPresent()) {
                read(terminal.connect("*"), contactless);
                return;
            }
        }
        throw new IllegalStateException("no card");
    }

    private static void read(Card card, boolean contactless) throws Exception {
        CardChannel channel = card.getBasicChannel();
        IProvider provider = new IProvider() {
            @Override
            public byte[] transceive(byte[] command) throws CommunicationException {
                try {
                    return channel.transmit(new CommandAPDU(command)).getBytes();
                } catch (CardException e) {
                    throw new CommunicationException(e.getMessage());
                }
            }

            @Override
            public byte[] getAt() {
                return card.getATR().getBytes();
            }
        };
        EmvTemplate.Config config = EmvTemplate.Config().setContactLess(contactless)
            .setReadAllAids(true).setReadTransactions(true).setReadAt(true).setReadCplc(false);
        EmvCard read = EmvTemplate.Builder().setConfig(config).setProvider(provider)
            .build().readEmvCard();
        System.out.println("state: " + read.getState());
        System.out.println("number: " + read.getCardNumber());
        System.out.println("expiry: " + read.getExpireDate());
        for (Application a : read.getApplications()) {
            StringBuilder aid = new StringBuilder();
            for (byte b : a.getAid()) {
                aid.append(String.format("%02X", b));
            }
            System.out.println("application: " + aid + " " + a.getApplicationLabel()
                + ", PIN tries " + a.getLeftPinTry() + ", counter " + a.getTransactionCounter()
                + ", log " + (a.getListTransactions() == null ? 0 : a.getListTransactions().size()));
        }
        card.disconnect(false);
    }
}
