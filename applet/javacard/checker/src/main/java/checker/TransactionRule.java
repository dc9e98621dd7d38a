package checker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.TableSwitchInsnNode;
import org.objectweb.asm.tree.TryCatchBlockNode;

/**
 * Refuses transactions within transactions, commits of none, and transactions that are still open
 * when a command ends: the platform takes those back. Every way through a method is gone, with a
 * transaction open before and without. And it refuses an atomic copy, which is a transaction of its
 * own, of more bytes than a transaction may hold; how many bytes several stores are can't be told.
 */
final class TransactionRule implements Rule {
    private static final String SYSTEM = "javacard/framework/JCSystem";

    /** Methods of Util that store all or nothing, and which argument is the length. */
    private static final Map<String, Integer> ATOMIC = Map.of("arrayCopy", 4, "arrayFill", 2);

    /** A method, entered with or without an open transaction. */
    private record Entered(Program.Member member, boolean isOpen) {
    }

    /** A place in a method, reached with or without an open transaction. */
    private record State(AbstractInsnNode insn, boolean isOpen) {
    }

    private final Map<Entered, Set<Boolean>> ends = new HashMap<>();
    private final List<Finding> findings = new ArrayList<>();

    @Override
    public List<Finding> check(Subject subject) {
        for (Program.Member entry : Entries.afterInstall(subject.program())) {
            if (ends(subject.program(), entry, false).contains(true)) {
                findings.add(finding(entry, entry.method().instructions.getFirst(),
                    "may end with an open transaction, which is taken back: commit it"));
            }
        }
        Constants constants = new Constants(subject);
        for (Program.Member member : subject.program().members()) {
            for (AbstractInsnNode insn : member.method().instructions) {
                checkCopy(subject, constants, member, insn);
            }
        }
        return findings;
    }

    private void checkCopy(Subject subject, Constants constants, Program.Member member,
            AbstractInsnNode insn) {
        if (!(insn instanceof MethodInsnNode call) || !ATOMIC.containsKey(call.name)
                || !call.owner.equals("javacard/framework/Util")) {
            return;
        }
        for (int length : constants.argument(member, call, ATOMIC.get(call.name))) {
            if (length > subject.settings().transaction()) {
                findings.add(finding(member, insn, length + " bytes at once, a card may take "
                    + subject.settings().transaction() + ": arrayCopyNonAtomic, or in parts"));
            }
        }
    }

    private static Finding finding(Program.Member member, AbstractInsnNode insn, String text) {
        return Finding.of("transaction", member.type(), member.method(), insn, text);
    }

    /** Returns whether a transaction is open when a method returns: both, if ways differ. */
    private Set<Boolean> ends(Program program, Program.Member member, boolean isOpen) {
        Entered entered = new Entered(member, isOpen);
        Set<Boolean> known = ends.get(entered);
        if (known != null) {
            return known;
        }
        Set<Boolean> result = new HashSet<>();
        ends.put(entered, result); // a recursion adds nothing
        Set<State> seen = new HashSet<>();
        Deque<State> next = new ArrayDeque<>();
        next.add(new State(member.method().instructions.getFirst(), isOpen));
        while (!next.isEmpty()) {
            State state = next.remove();
            if (state.insn == null || !seen.add(state)) {
                continue;
            }
            int opcode = state.insn.getOpcode();
            if (opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN) {
                result.add(state.isOpen);
                continue;
            }
            for (LabelNode handler : handlers(member, state.insn)) {
                next.add(new State(handler, state.isOpen));
            }
            for (boolean after : after(program, member, state)) {
                for (AbstractInsnNode follower : followers(state.insn)) {
                    next.add(new State(follower, after));
                }
            }
        }
        return result;
    }

    private static List<LabelNode> handlers(Program.Member member, AbstractInsnNode insn) {
        List<LabelNode> handlers = new ArrayList<>();
        var instructions = member.method().instructions;
        int at = instructions.indexOf(insn);
        for (TryCatchBlockNode block : member.method().tryCatchBlocks) {
            if (instructions.indexOf(block.start) <= at && at < instructions.indexOf(block.end)) {
                handlers.add(block.handler);
            }
        }
        return handlers;
    }

    /** Returns whether a transaction is open behind an instruction; nothing if it only throws. */
    private Set<Boolean> after(Program program, Program.Member member, State state) {
        if (!(state.insn instanceof MethodInsnNode call)) {
            return Set.of(state.isOpen);
        }
        if (call.owner.equals(SYSTEM)) {
            return Set.of(transaction(member, call, state.isOpen));
        }
        if (call.name.equals("throwIt") && !program.has(call.owner)) {
            return Set.of();
        }
        Set<Program.Member> targets = program.targets(call);
        Set<Boolean> after = new HashSet<>();
        targets.forEach(target -> after.addAll(ends(program, target, state.isOpen)));
        return targets.isEmpty() ? Set.of(state.isOpen) : after;
    }

    private boolean transaction(Program.Member member, MethodInsnNode call, boolean isOpen) {
        switch (call.name) {
            case "beginTransaction" -> {
                if (isOpen) {
                    findings.add(finding(member, call,
                        "may begin within a transaction: a card has one at a time"));
                }
                return true;
            }
            case "commitTransaction" -> {
                if (!isOpen) {
                    findings.add(finding(member, call, "may commit without a transaction"));
                }
                return false;
            }
            case "abortTransaction" -> {
                return false;
            }
            default -> {
                return isOpen;
            }
        }
    }

    private static List<AbstractInsnNode> followers(AbstractInsnNode insn) {
        List<AbstractInsnNode> followers = new ArrayList<>();
        if (insn instanceof JumpInsnNode jump) {
            followers.add(jump.label);
        } else if (insn instanceof TableSwitchInsnNode table) {
            followers.addAll(table.labels);
            followers.add(table.dflt);
            return followers;
        } else if (insn instanceof LookupSwitchInsnNode lookup) {
            followers.addAll(lookup.labels);
            followers.add(lookup.dflt);
            return followers;
        }
        if (insn.getOpcode() != Opcodes.GOTO && insn.getOpcode() != Opcodes.ATHROW) {
            followers.add(insn.getNext());
        }
        return followers;
    }
}
