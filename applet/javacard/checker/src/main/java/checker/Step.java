package checker;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.IincInsnNode;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.TypeInsnNode;
import org.objectweb.asm.tree.analysis.Interpreter;

/** Computes one instruction at a time, for {@link Machine}. */
final class Step extends Interpreter<Cell> {
    private final Machine machine;

    /** Whether the last branch is taken. */
    boolean jumps;

    /** The value of the last switch. */
    int key;

    Step(Machine machine) {
        super(Opcodes.ASM9);
        this.machine = machine;
    }

    private static int number(Cell cell) {
        if (cell instanceof Cell.Number number) {
            return number.value();
        }
        throw new Machine.Stopped("a reference where a number should be");
    }

    private static Cell.Number of(int value) {
        return new Cell.Number(value);
    }

    private Machine.Stopped thrown(String type) {
        return new Machine.Stopped(new Machine.Thrown(type));
    }

    @Override
    public Cell newValue(Type type) {
        return Cell.NULL;
    }

    @Override
    public Cell newOperation(AbstractInsnNode insn) {
        int opcode = insn.getOpcode();
        if (opcode >= Opcodes.ICONST_M1 && opcode <= Opcodes.ICONST_5) {
            return of(opcode - Opcodes.ICONST_0);
        }
        return switch (opcode) {
            case Opcodes.BIPUSH, Opcodes.SIPUSH -> of(((IntInsnNode) insn).operand);
            case Opcodes.LDC -> ((LdcInsnNode) insn).cst instanceof Integer constant
                ? of(constant) : Cell.NULL;
            case Opcodes.GETSTATIC -> {
                FieldInsnNode field = (FieldInsnNode) insn;
                yield machine.statics.getOrDefault(field.owner + "." + field.name,
                    Machine.zero(field.desc));
            }
            case Opcodes.NEW -> made(((TypeInsnNode) insn).desc);
            default -> Cell.NULL;
        };
    }

    private Cell made(String type) {
        return machine.program.has(type) ? machine.made(new Cell.Instance(type))
            : machine.made(machine.platform.constructed(type));
    }

    @Override
    public Cell copyOperation(AbstractInsnNode insn, Cell value) {
        return value;
    }

    @Override
    public Cell unaryOperation(AbstractInsnNode insn, Cell value) {
        int opcode = insn.getOpcode();
        switch (opcode) {
            case Opcodes.IFEQ -> jumps = number(value) == 0;
            case Opcodes.IFNE -> jumps = number(value) != 0;
            case Opcodes.IFLT -> jumps = number(value) < 0;
            case Opcodes.IFGE -> jumps = number(value) >= 0;
            case Opcodes.IFGT -> jumps = number(value) > 0;
            case Opcodes.IFLE -> jumps = number(value) <= 0;
            case Opcodes.IFNULL -> jumps = value == Cell.NULL;
            case Opcodes.IFNONNULL -> jumps = value != Cell.NULL;
            case Opcodes.TABLESWITCH, Opcodes.LOOKUPSWITCH -> key = number(value);
            case Opcodes.PUTSTATIC -> machine.statics.put(
                ((FieldInsnNode) insn).owner + "." + ((FieldInsnNode) insn).name, value);
            case Opcodes.ATHROW -> throw thrown(value instanceof Cell.Instance instance
                ? instance.type : "java/lang/RuntimeException");
            default -> {
                return computed(insn, value);
            }
        }
        return Cell.NULL;
    }

    private Cell computed(AbstractInsnNode insn, Cell value) {
        return switch (insn.getOpcode()) {
            case Opcodes.INEG -> of(-number(value));
            case Opcodes.I2B -> of((byte) number(value));
            case Opcodes.I2S -> of((short) number(value));
            case Opcodes.IINC -> of(number(value) + ((IincInsnNode) insn).incr);
            case Opcodes.GETFIELD -> field((FieldInsnNode) insn, value);
            case Opcodes.NEWARRAY -> machine.made(new Cell.Array(
                ((IntInsnNode) insn).operand == Opcodes.T_SHORT ? "S" : "B", length(value), false));
            case Opcodes.ANEWARRAY -> machine.made(new Cell.Array(
                "L" + ((TypeInsnNode) insn).desc + ";", length(value), false));
            case Opcodes.ARRAYLENGTH -> of(array(value).cells.length);
            case Opcodes.CHECKCAST -> value;
            case Opcodes.INSTANCEOF -> of(isA(value, ((TypeInsnNode) insn).desc) ? 1 : 0);
            default -> throw new Machine.Stopped("an instruction that no card has");
        };
    }

    private int length(Cell value) {
        int length = number(value);
        if (length < 0) {
            throw thrown("java/lang/NegativeArraySizeException");
        }
        return length;
    }

    private boolean isA(Cell value, String type) {
        return value instanceof Cell.Instance instance && machine.program.isA(instance.type, type)
            || value instanceof Cell.Native thing && machine.program.isA(thing.type, type);
    }

    private Cell field(FieldInsnNode field, Cell value) {
        if (value instanceof Cell.Instance instance) {
            return instance.fields.getOrDefault(field.name, Machine.zero(field.desc));
        }
        throw thrown("java/lang/NullPointerException");
    }

    private Cell.Array array(Cell value) {
        if (value instanceof Cell.Array array) {
            return array;
        }
        throw thrown("java/lang/NullPointerException");
    }

    private int index(Cell.Array array, Cell index) {
        int at = number(index);
        if (at < 0 || at >= array.cells.length) {
            throw thrown("java/lang/ArrayIndexOutOfBoundsException");
        }
        return at;
    }

    @Override
    public Cell binaryOperation(AbstractInsnNode insn, Cell left, Cell right) {
        switch (insn.getOpcode()) {
            case Opcodes.IF_ICMPEQ -> jumps = number(left) == number(right);
            case Opcodes.IF_ICMPNE -> jumps = number(left) != number(right);
            case Opcodes.IF_ICMPLT -> jumps = number(left) < number(right);
            case Opcodes.IF_ICMPGE -> jumps = number(left) >= number(right);
            case Opcodes.IF_ICMPGT -> jumps = number(left) > number(right);
            case Opcodes.IF_ICMPLE -> jumps = number(left) <= number(right);
            case Opcodes.IF_ACMPEQ -> jumps = left == right;
            case Opcodes.IF_ACMPNE -> jumps = left != right;
            case Opcodes.PUTFIELD -> put((FieldInsnNode) insn, left, right);
            case Opcodes.BALOAD, Opcodes.SALOAD, Opcodes.AALOAD -> {
                return array(left).cells[index(array(left), right)];
            }
            default -> {
                return of(arithmetic(insn.getOpcode(), number(left), number(right)));
            }
        }
        return Cell.NULL;
    }

    private int arithmetic(int opcode, int left, int right) {
        if ((opcode == Opcodes.IDIV || opcode == Opcodes.IREM) && right == 0) {
            throw thrown("java/lang/ArithmeticException");
        }
        return switch (opcode) {
            case Opcodes.IADD -> left + right;
            case Opcodes.ISUB -> left - right;
            case Opcodes.IMUL -> left * right;
            case Opcodes.IDIV -> left / right;
            case Opcodes.IREM -> left % right;
            case Opcodes.IAND -> left & right;
            case Opcodes.IOR -> left | right;
            case Opcodes.IXOR -> left ^ right;
            case Opcodes.ISHL -> left << right;
            case Opcodes.ISHR -> left >> right;
            case Opcodes.IUSHR -> left >>> right;
            default -> throw new Machine.Stopped("an instruction that no card has");
        };
    }

    private void put(FieldInsnNode field, Cell owner, Cell value) {
        if (owner instanceof Cell.Instance instance) {
            instance.fields.put(field.name, value);
        } else {
            throw thrown("java/lang/NullPointerException");
        }
    }

    @Override
    public Cell ternaryOperation(AbstractInsnNode insn, Cell array, Cell index, Cell value) {
        Cell.Array to = array(array);
        to.cells[index(to, index)] = value;
        return Cell.NULL;
    }

    @Override
    public Cell naryOperation(AbstractInsnNode insn, List<? extends Cell> values) {
        if (!(insn instanceof MethodInsnNode call)) {
            throw new Machine.Stopped("an instruction that no card has");
        }
        List<Cell> arguments = new ArrayList<>(values);
        try {
            Program.Member target = target(call, arguments);
            if (target != null) {
                Cell result = machine.run(target, arguments);
                return result == null ? Cell.NULL : result;
            }
            return machine.platform.call(machine, call, arguments);
        } catch (Machine.Thrown e) {
            throw new Machine.Stopped(e);
        }
    }

    private Program.Member target(MethodInsnNode call, List<Cell> arguments) {
        String owner = call.owner;
        boolean isFixed = Set.of(Opcodes.INVOKESTATIC, Opcodes.INVOKESPECIAL)
            .contains(call.getOpcode());
        if (!isFixed && arguments.get(0) instanceof Cell.Instance instance) {
            owner = instance.type;
        } else if (!isFixed && arguments.get(0) == Cell.NULL) {
            throw thrown("java/lang/NullPointerException");
        }
        Program.Member found = machine.program.find(owner, call.name, call.desc);
        return found == null || found.method().instructions.size() == 0 ? null : found;
    }

    @Override
    public void returnOperation(AbstractInsnNode insn, Cell value, Cell expected) {
    }

    @Override
    public Cell merge(Cell one, Cell other) {
        return one;
    }
}
