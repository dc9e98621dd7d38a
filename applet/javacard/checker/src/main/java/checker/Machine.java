package checker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LineNumberNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.TableSwitchInsnNode;
import org.objectweb.asm.tree.TryCatchBlockNode;
import org.objectweb.asm.tree.analysis.AnalyzerException;
import org.objectweb.asm.tree.analysis.Frame;

/** Runs methods of a program, with a platform that only counts. */
final class Machine {
    private static final int MAX_STEPS = 20_000_000;
    private static final int MAX_DEPTH = 200;

    /** What the program throws. */
    static final class Thrown extends Exception {
        private static final long serialVersionUID = 1;
        final transient Cell.Instance exception;

        Thrown(String type) {
            super(Finding.dotted(type), null, false, false);
            exception = new Cell.Instance(type);
        }
    }

    /** Why the analysis' own exceptions end a run: its interfaces know no others. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;

        Stopped(String text) {
            super(text);
        }

        Stopped(Thrown cause) {
            super(cause.getMessage(), cause);
        }
    }

    final Program program;
    final Platform platform;
    final Map<String, Cell> statics = new HashMap<>();
    private int steps;
    private int depth;
    private String line = "";

    Machine(Program program, Platform platform) {
        this.program = program;
        this.platform = platform;
        for (Program.Member member : program.members()) {
            if (member.method().name.equals("<clinit>")) {
                try {
                    run(member, List.of());
                } catch (Thrown e) {
                    throw new Stopped(e);
                }
            }
        }
    }

    /** Returns the class and line that is being run. */
    String line() {
        return line;
    }

    /** Runs a method and returns what it returns, null if it returns nothing. */
    Cell run(Program.Member member, List<? extends Cell> arguments) throws Thrown {
        if (++depth > MAX_DEPTH) {
            throw new Stopped("the installation calls itself: " + member);
        }
        try {
            return execute(member, arguments);
        } finally {
            depth--;
        }
    }

    private Cell execute(Program.Member member, List<? extends Cell> arguments) throws Thrown {
        Step step = new Step(this);
        Frame<Cell> frame = new Frame<>(member.method().maxLocals, member.method().maxStack);
        for (int i = 0; i < member.method().maxLocals; i++) {
            frame.setLocal(i, i < arguments.size() ? arguments.get(i) : Cell.NULL);
        }
        var instructions = member.method().instructions;
        AbstractInsnNode insn = instructions.getFirst();
        while (true) {
            if (++steps > MAX_STEPS) {
                throw new Stopped("the installation doesn't end: " + member);
            }
            int opcode = insn.getOpcode();
            if (insn instanceof LineNumberNode number) {
                line = Finding.dotted(member.type().name) + ":" + number.line;
            }
            if (opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN) {
                return opcode == Opcodes.RETURN ? null : frame.pop();
            }
            try {
                insn = next(frame, step, insn);
            } catch (Stopped e) {
                if (!(e.getCause() instanceof Thrown thrown)) {
                    throw e;
                }
                insn = handler(member, insn, thrown);
                frame.clearStack();
                frame.push(thrown.exception);
            }
        }
    }

    private static AbstractInsnNode next(Frame<Cell> frame, Step step, AbstractInsnNode insn) {
        if (insn.getOpcode() < 0) {
            return insn.getNext();
        }
        step.jumps = insn.getOpcode() == Opcodes.GOTO;
        try {
            frame.execute(insn, step);
        } catch (AnalyzerException e) {
            throw new Stopped(e.getMessage());
        }
        if (insn instanceof TableSwitchInsnNode table) {
            int at = step.key - table.min;
            return at >= 0 && at < table.labels.size() ? table.labels.get(at) : table.dflt;
        }
        if (insn instanceof LookupSwitchInsnNode lookup) {
            int at = lookup.keys.indexOf(step.key);
            return at >= 0 ? lookup.labels.get(at) : lookup.dflt;
        }
        return insn instanceof JumpInsnNode jump && step.jumps ? jump.label : insn.getNext();
    }

    private AbstractInsnNode handler(Program.Member member, AbstractInsnNode insn, Thrown thrown)
            throws Thrown {
        var instructions = member.method().instructions;
        int at = instructions.indexOf(insn);
        for (TryCatchBlockNode block : member.method().tryCatchBlocks) {
            if (instructions.indexOf(block.start) <= at && at < instructions.indexOf(block.end)
                    && (block.type == null
                        || program.isA(thrown.exception.type, block.type))) {
                return block.handler;
            }
        }
        throw thrown;
    }

    /** Makes an array's or object's default. */
    static Cell zero(String descriptor) {
        int sort = Type.getType(descriptor).getSort();
        return sort == Type.OBJECT || sort == Type.ARRAY ? Cell.NULL : new Cell.Number(0);
    }

    <T extends Cell.Thing> T made(T thing) {
        thing.made = line;
        platform.made(thing);
        return thing;
    }
}
