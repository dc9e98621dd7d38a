package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/** The commands of phase 4: a TSM account's epoch and its virtual cards. */
final class CardCommands {
    private static final byte PHASE_4 = 4;
    private static final short PREFIX_LEN = Wire.PREFIX_LEN;
    /** Where a body's fields lie behind counter and prefix. */
    private static final short FIELDS = (short) (Wire.COUNTER_LEN + PREFIX_LEN);

    static final short PUT_LEN = (short) (Wire.COUNTER_LEN + 128 + Wire.MAC_LEN);
    static final short EPOCH_LEN = (short) (PREFIX_LEN + Wire.PARTY_ID_LEN + Wire.EPOCH_LEN
        + Wire.SIGNATURE_LEN);

    private final Element element;
    private final Transients ram;
    private final Persistent state;

    CardCommands(Element element) {
        this.element = element;
        ram = element.ram;
        state = element.persistent;
    }

    /** PUT EPOCH KEY (80 70, TID slot): CERT_TSM,epoch [158]. Slot not ACTIVE: 6985. */
    short putEpochKey(byte slot) {
        byte[] tid = active(slot);
        byte[] buffer = ram.buffer;
        element.certificates.check(Wire.CERT_TSM_EPOCH, state.card, CardState.CA, buffer,
            (short) 0);
        element.certificates.checkSubject(tid, TidSlot.ID, buffer, (short) 0);
        state.begin();
        state.set(tid, TidSlot.HAS_EPOCH, (byte) 1);
        state.set(buffer, Certificates.KEY, tid, TidSlot.EPOCH_KEY, Wire.POINT_LEN);
        state.commit();
        return 0;
    }

    /**
     * PUT EPOCH (80 4A, TID slot): the CA's certificate of the current epoch [87]. Slot not ACTIVE:
     * 6985. Neither the epoch that is known nor the next one: 6A80.
     */
    short putEpoch(byte slot) {
        byte[] tid = active(slot);
        byte[] buffer = ram.buffer;
        short epoch = (short) (PREFIX_LEN + Wire.PARTY_ID_LEN);
        short sig = (short) (epoch + Wire.EPOCH_LEN);
        element.envelope.checkPrefix(Wire.CERT_EPOCH, (short) 0, EPOCH_LEN, EPOCH_LEN);
        if (Util.arrayCompare(buffer, PREFIX_LEN, state.card, CardState.CA, Wire.PARTY_ID_LEN)
            != 0 || tid[TidSlot.HAS_TIME] != 0 && !follows(tid, buffer, epoch)) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        Signing signing = element.signing;
        signing.begin(state.card, CardState.CA_KEY, Wire.CERT_EPOCH);
        signing.update(buffer, PREFIX_LEN, (short) (sig - PREFIX_LEN));
        Util.arrayFillNonAtomic(buffer, EPOCH_LEN, Wire.SIGNATURE_LEN, (byte) 0);
        signing.update(buffer, EPOCH_LEN, Wire.SIGNATURE_LEN); // in place of its own signature
        signing.check(buffer, sig);
        state.begin();
        state.set(tid, TidSlot.HAS_TIME, (byte) 1);
        state.set(buffer, epoch, tid, TidSlot.TIME, Wire.EPOCH_LEN);
        state.commit();
        return 0;
    }

    /** Says whether an epoch is the one that is known, or the next. */
    private boolean follows(byte[] tid, byte[] raw, short off) {
        return Util.arrayCompare(raw, off, tid, TidSlot.TIME, Wire.EPOCH_LEN) == 0
            || element.envelope.increment(tid, TidSlot.TIME)
            && Util.arrayCompare(raw, off, ram.work, Transients.COUNTER, Wire.EPOCH_LEN) == 0;
    }

    /** Refuses a kind or a TID slot that isn't there, 6A86. */
    static void checkParameters(byte slot, byte p2) {
        short kind = (short) ((p2 >> 4) & 0x0F);
        if ((short) (slot & 0xFF) >= Wire.CARD_SLOTS || kind > Wire.CARD_UNTIL_EXPIRY
            || (short) (p2 & 0x0F) >= Wire.TID_SLOTS) {
            ISOException.throwIt(Wire.SW_INCORRECT_P1_P2);
        }
    }

    /**
     * CARD REQUEST (80 72, card slot, kind and TID slot, no data). TID slot not ACTIVE or without
     * an epoch key, card slot bound, or READY while something is armed: 6985. Answer: counter [4]
     * || sealed [224]. The card that was there is gone with the commit.
     */
    short request(byte slot, byte p2) {
        byte account = (byte) (p2 & 0x0F);
        byte kind = (byte) (p2 >> 4);
        byte[] tid = active(account);
        byte[] card = state.card(slot);
        byte[] buffer = ram.buffer;
        if (tid[TidSlot.HAS_EPOCH] == 0 || isArmed(slot, card)) {
            return refuse();
        }
        short fresh = (short) (Wire.BUFFER_LEN - CardSlot.LEN); // the slot as it will be
        short key = (short) (fresh + CardSlot.KEY);
        Util.arrayFillNonAtomic(buffer, fresh, CardSlot.LEN, (byte) 0);
        element.keys.make(Keys.FIRST, buffer, key);
        element.transcript.begin(PHASE_4, Wire.ROLE_TSM, tid, TidSlot.ID);
        element.transcript.identify(tid, TidSlot.SIGN_KEY, (short) (2 * Wire.POINT_LEN));
        Transcript.prefix(Wire.MSG_CARD_REQUEST, buffer, Wire.COUNTER_LEN);
        short at = Util.arrayCopyNonAtomic(buffer, key, buffer, FIELDS, Wire.POINT_LEN);
        buffer[at++] = kind;
        Util.arrayCopyNonAtomic(ram.work, Transients.IDENTITY, buffer,
            (short) (fresh + CardSlot.TH), Wire.HASH_LEN); // for the second signature
        sign(Wire.MSG_ROLL, (short) (Keys.TID_SIGN + account), tid, fresh, at);
        at += Wire.SIGNATURE_LEN;
        sign(Wire.MSG_POP, Keys.FIRST, tid, fresh, at);
        at += Wire.SIGNATURE_LEN;
        short len = element.envelope.send(tid, TidSlot.SENT, TidSlot.TO_TSM, ram.work,
            Transients.TH, (short) (at - Wire.COUNTER_LEN));
        element.transcript.next(buffer, (short) 0, len);
        buffer[fresh] = Wire.CARD_REQUESTED;
        buffer[(short) (fresh + CardSlot.TID)] = account;
        buffer[(short) (fresh + CardSlot.KIND)] = kind;
        Util.arrayCopyNonAtomic(ram.work, Transients.TH, buffer, (short) (fresh + CardSlot.TH),
            Wire.HASH_LEN);
        state.begin();
        element.keys.take(Keys.FIRST, (short) (Keys.CARD + slot));
        state.write(buffer, fresh, card, CardSlot.FIELDS, (short) 0, CardSlot.LEN);
        Util.arrayCopy(ram.work, Transients.COUNTER, tid, TidSlot.SENT, Wire.COUNTER_LEN);
        state.commit();
        return len;
    }

    /** Signs th_0 || ID_TSM || TID || key || kind; the TID lies where the slot's th will. */
    private void sign(byte type, short key, byte[] tid, short fresh, short to) {
        Signing signing = element.signing;
        signing.begin(element.keys.get(key), type);
        signing.update(ram.work, Transients.TH, Wire.HASH_LEN);
        signing.update(tid, TidSlot.ID, Wire.PARTY_ID_LEN);
        signing.update(ram.buffer, (short) (fresh + CardSlot.TH), Wire.HASH_LEN);
        signing.update(ram.buffer, FIELDS, (short) (Wire.POINT_LEN + 1));
        signing.sign(ram.buffer, to);
    }

    /** Says whether an arming keeps a card where it is. */
    private boolean isArmed(byte slot, byte[] card) {
        byte[] arming = state.arming;
        return Arming.isBoundTo(arming, Wire.ARM_CARD, slot)
            || card[CardSlot.STATE] == Wire.CARD_READY && arming[Arming.STATE] != Wire.ARM_NONE;
    }

    /**
     * CARD PUT (80 74, card slot): counter [4] || sealed [144]. Slot not REQUESTED: 6985. A class
     * of another kind, or whose limit isn't below the account's: 6A80.
     */
    short put(byte slot, short len) {
        byte[] card = state.card(slot);
        byte[] buffer = ram.buffer;
        if (card[CardSlot.STATE] != Wire.CARD_REQUESTED) {
            return refuse();
        }
        byte[] tid = state.tid(card[CardSlot.TID]);
        short end = (short) (FIELDS + CardSlot.ATC - CardSlot.PAN);
        element.envelope.receive(Wire.MSG_CARD_PUT, tid, TidSlot.RECEIVED, TidSlot.TO_SE, card,
            CardSlot.TH, len, (short) (end - Wire.COUNTER_LEN));
        short limit = (short) (FIELDS + CardSlot.CLASS - CardSlot.PAN);
        Signing signing = element.signing;
        signing.begin(tid, TidSlot.EPOCH_KEY, Wire.SIG_V_CARD);
        signing.update(buffer, FIELDS, Wire.PAN_LEN);
        signing.update(card, CardSlot.KEY, Wire.POINT_LEN);
        signing.update(buffer, limit, Wire.CLASS_LEN);
        signing.check(buffer, (short) (limit + Wire.CLASS_LEN));
        Amount.toLimit(buffer, limit, ram.work, Transients.IDENTITY);
        if (!Amount.isBCD(buffer, limit)
            || !Unsigned.isBelow(ram.work, Transients.IDENTITY, tid, TidSlot.LIMIT,
                Wire.LIMIT_LEN)
            || buffer[(short) (limit + Wire.CLASS_LEN - 1)] != card[CardSlot.KIND]) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        Util.setShort(buffer, end, (short) 0); // the ATC
        state.begin();
        card[CardSlot.STATE] = Wire.CARD_READY;
        state.write(buffer, FIELDS, card, CardSlot.FIELDS, CardSlot.PAN,
            (short) (CardSlot.TOTAL - CardSlot.PAN));
        Util.arrayCopy(ram.work, Transients.COUNTER, tid, TidSlot.RECEIVED, Wire.COUNTER_LEN);
        state.commit();
        return 0;
    }

    /** Returns a TSM account's slot, which must be ACTIVE, else 6985. */
    private byte[] active(byte slot) {
        byte[] tid = state.tid(slot);
        if (tid[TidSlot.STATE] != Wire.TID_ACTIVE) {
            refuse();
        }
        return tid;
    }

    private static short refuse() {
        ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
        return 0;
    }
}
