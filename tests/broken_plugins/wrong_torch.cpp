#include "fixed_schedule.hpp"

#undef VARIA_ABI_TORCH
#define VARIA_ABI_TORCH "9.9.9"

VARIA_PLUGIN("wrong_torch", "1.0.0") {
  registry.add<FixedSchedule>("wrong_torch", "Never registered.");
}
