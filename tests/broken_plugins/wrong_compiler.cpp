#include "fixed_schedule.hpp"

#undef VARIA_ABI_COMPILER
#define VARIA_ABI_COMPILER "gcc-99"

VARIA_PLUGIN("wrong_compiler", "1.0.0") {
  registry.add<FixedSchedule>("wrong_compiler", "Never registered.");
}
