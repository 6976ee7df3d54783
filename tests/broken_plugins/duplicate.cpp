#include "fixed_schedule.hpp"

// `fixed` is what good.cpp registers; `aside` must not stay without it.
VARIA_PLUGIN("duplicate", "1.0.0") {
  registry.add<FixedSchedule>("aside", "Never registered.");
  registry.add<FixedSchedule>("fixed", "Never registered.");
}
