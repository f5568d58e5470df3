// What a NimbusBackend takes beside the arguments of the liquid handler, in its own words. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

/** `aspirate`. */
export interface NimbusAspirate {
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly adc_enabled?: boolean;
  readonly lld_mode?: readonly number[];
  readonly lld_search_height?: readonly number[];
  readonly immersion_depth?: readonly number[];
  readonly surface_following_distance?: readonly number[];
  readonly gamma_lld_sensitivity?: readonly number[];
  readonly dp_lld_sensitivity?: readonly number[];
  readonly settling_time?: readonly number[];
  readonly transport_air_volume?: readonly number[];
  readonly pre_wetting_volume?: readonly number[];
  readonly swap_speed?: readonly number[];
  readonly mix_position_from_liquid_surface?: readonly number[];
  readonly limit_curve_index?: readonly number[];
  readonly tadm_enabled?: boolean;
}

/** `discard_tips`. */
export interface NimbusDiscardTips {
  readonly default_waste?: boolean;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly z_position_at_end_of_a_command?: number;
  readonly roll_distance?: number;
}

/** `dispense`. */
export interface NimbusDispense {
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly adc_enabled?: boolean;
  readonly lld_mode?: readonly number[];
  readonly lld_search_height?: readonly number[];
  readonly immersion_depth?: readonly number[];
  readonly surface_following_distance?: readonly number[];
  readonly gamma_lld_sensitivity?: readonly number[];
  readonly settling_time?: readonly number[];
  readonly transport_air_volume?: readonly number[];
  readonly swap_speed?: readonly number[];
  readonly mix_position_from_liquid_surface?: readonly number[];
  readonly limit_curve_index?: readonly number[];
  readonly tadm_enabled?: boolean;
  readonly cut_off_speed?: readonly number[];
  readonly stop_back_volume?: readonly number[];
  readonly side_touch_off_distance?: number;
  readonly dispense_offset?: readonly number[];
}

/** `drop_tips`. */
export interface NimbusDropTips {
  readonly default_waste?: boolean;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly z_position_at_end_of_a_command?: number;
  readonly roll_distance?: number;
}

/** `pick_up_tips`. */
export interface NimbusPickUpTips {
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
}

/** `return_tips`. */
export interface NimbusReturnTips {
  readonly default_waste?: boolean;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly z_position_at_end_of_a_command?: number;
  readonly roll_distance?: number;
}
