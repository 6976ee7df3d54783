#include "fixed_schedule.hpp"

namespace elsewhere {
void defined_nowhere(int number);
}

VARIA_PLUGIN("undefined_symbol", "1.0.0") {
  elsewhere::defined_nowhere(1);
  registry.add<FixedSchedule>("undefined_symbol", "Never registered.");
}
