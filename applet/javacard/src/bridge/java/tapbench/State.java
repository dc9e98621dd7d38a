package tapbench;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/** What an element holds in persistent memory, for a comparison. */
record State(Element element) {
    /** Returns the arrays and the private keys, in hexadecimal; not the spare keys. */
    List<String> all() {
        Persistent p = element.persistent;
        List<byte[]> state = new ArrayList<>(List.of(p.card, p.launch, p.arming, p.chains));
        IntStream.range(0, Wire.BANK_SLOTS).forEach(i -> state.add(p.bank((short) i)));
        IntStream.range(0, Wire.TID_SLOTS).forEach(i -> state.add(p.tid((short) i)));
        IntStream.range(0, Wire.CARD_SLOTS).forEach(i -> state.add(p.card((short) i)));
        IntStream.range(0, Wire.TOKEN_SLOTS).forEach(i -> state.add(p.token((short) i)));
        IntStream.range(0, Keys.FIRST).forEach(i -> state.add(key((short) i)));
        return state.stream().map(HexFormat.of()::formatHex).toList();
    }

    /** Returns the private key in a place [32], zeros if there is none. */
    byte[] key(short place) {
        byte[] scalar = new byte[32];
        if (element.keys.get(place).isInitialized()) {
            element.keys.get(place).getS(scalar, (short) 0);
        }
        return scalar;
    }
}
