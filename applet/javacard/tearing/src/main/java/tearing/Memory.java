package tearing;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.WeakHashMap;
import javacard.framework.TransactionException;

/**
 * The persistent memory of the cards in this JVM: which arrays lie in it, how many stores were
 * made, what a transaction must put back, and when the power fails. All cards share it, so only one
 * may run at a time.
 *
 * <p>A store that the power cut comes before doesn't happen. The memory is rolled back at that
 * moment: what the objects hold from then on is what the card finds when power is back. Until then
 * every store fails again, so that no finally clause writes anything.
 */
final class Memory {
    /** The one memory: rewritten code has no other way to find it. */
    static final Memory CARD = new Memory();

    private static final int REFERENCE = 2; // bytes, as cards store one

    private final Set<Object> arrays = Collections.newSetFromMap(new WeakHashMap<>());
    private final Set<String> doubts = new LinkedHashSet<>();
    private final Deque<Runnable> log = new ArrayDeque<>();
    private boolean inTransaction;
    private int held;
    private int largest;
    private int capacity;
    private long stores;
    private long commits;
    private long cutAt;
    private long cutAfter;
    private boolean isCut;

    private Memory() {
    }

    /** Remembers an array that was allocated by {@code new}: it is persistent. */
    synchronized void made(Object array) {
        arrays.add(array); // arrays are equal only to themselves
    }

    /** Says whether an array lies in persistent memory. */
    synchronized boolean holds(Object array) {
        return arrays.contains(array);
    }

    /** Counts a store that no transaction takes back, and cuts the power before it if it is due. */
    synchronized void store() {
        checkPower();
        stores++;
        if (stores == cutAt) {
            isCut = true;
            rollBack();
            throw new PowerCut(stores);
        }
    }

    /**
     * Counts a store that an open transaction takes back.
     *
     * @param bytes what it adds to the transaction
     * @param undo puts the old value back
     */
    synchronized void store(int bytes, Runnable undo) {
        store();
        Operations.count(Operations.Kind.STORE, bytes);
        keep(bytes, undo);
    }

    /** Counts a store of a reference, which an open transaction takes back. */
    synchronized void storeReference(Runnable undo) {
        store();
        Operations.count(Operations.Kind.REFERENCE, 0);
        keep(REFERENCE, undo);
    }

    private void keep(int bytes, Runnable undo) {
        if (inTransaction) {
            if (capacity > 0 && held + bytes > capacity) {
                TransactionException.throwIt(TransactionException.BUFFER_FULL);
            }
            log.push(undo);
            held += bytes;
            largest = Math.max(largest, held);
        }
    }

    /** Fails if the power has. */
    synchronized void checkPower() {
        if (isCut) {
            throw new PowerCut(stores);
        }
    }

    synchronized void begin() {
        checkPower();
        inTransaction = true;
    }

    /** Makes a transaction's stores last: one store more, before and after which it can fail. */
    synchronized void commit() {
        store();
        if (held > 0) {
            Operations.count(Operations.Kind.COMMIT, 0);
        }
        inTransaction = false;
        held = 0;
        log.clear();
        commits++;
        if (commits == cutAfter) {
            isCut = true;
            throw new PowerCut(stores);
        }
    }

    /** Takes an open transaction back, if there is one. */
    synchronized void rollBack() {
        inTransaction = false;
        held = 0;
        while (!log.isEmpty()) {
            log.pop().run();
        }
    }

    synchronized boolean inTransaction() {
        return inTransaction;
    }

    /** Notes something whose outcome the specification leaves open, with its place. */
    synchronized void doubt(String what) {
        String place = StackWalker.getInstance().walk(frames -> frames
            .filter(f -> !f.getClassName().startsWith("tearing.Mem")
                && !f.getClassName().equals("tearing.Stores")
                && !f.getClassName().equals("tearing.Calls")
                && !f.getMethodName().startsWith(Rewriter.PREFIX))
            .map(f -> f.getClassName() + "." + f.getMethodName() + ":" + f.getLineNumber())
            .findFirst().orElse("an unknown place"));
        doubts.add(place + ": " + what);
    }

    synchronized Set<String> doubts() {
        return Collections.unmodifiableSet(new LinkedHashSet<>(doubts));
    }

    /** Power is back: what was open is taken back, and nothing cuts any more. */
    synchronized void powerOn() {
        rollBack();
        isCut = false;
        cutAt = 0;
        cutAfter = 0;
    }

    /** Counts from 0 again and cuts before the n-th store, or never if n is 0. */
    synchronized void cutAt(long n) {
        begin(n, 0);
    }

    /** Counts from 0 again and cuts after the n-th commit, or never if n is 0. */
    synchronized void cutAfter(long n) {
        begin(0, n);
    }

    private void begin(long store, long commit) {
        powerOn();
        doubts.clear();
        stores = 0;
        commits = 0;
        largest = 0;
        cutAt = store;
        cutAfter = commit;
    }

    /** Has transactions fail that hold more bytes; 0: none does. */
    synchronized void capacity(int bytes) {
        capacity = bytes;
    }

    synchronized long stores() {
        return stores;
    }

    synchronized int largest() {
        return largest;
    }

    synchronized boolean isCut() {
        return isCut;
    }
}
