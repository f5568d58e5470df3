// The ExperimentalSCARA as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';
import type { ArmPosition, HorizontalAccess, JointPosition, VerticalAccess } from '../values.js';

/** `pick_up_resource`. */
export interface ExperimentalSCARAPickUpResourceBackend {
  readonly finger_speed_percent?: number;
  readonly grasp_force?: number;
}

export interface ExperimentalSCARA extends AnyMachine {
  /** Move the arm to an approach position (offset from target). */
  approach(options: { readonly position: ArmPosition | JointPosition; readonly access?: VerticalAccess | HorizontalAccess }): Promise<void>;
  /** Close gripper. */
  closeGripper(options: { readonly gripperWidthMm: number }): Promise<void>;
  /** Place a plate at the specified position. */
  dropResource(options: {
    readonly position: ArmPosition | JointPosition;
    readonly access?: VerticalAccess | HorizontalAccess;
  }): Promise<void>;
  /** Exit freedrive mode. */
  endFreedriveMode(): Promise<void>;
  /** Enter freedrive mode, allowing manual movement of the specified joints. */
  freedriveMode(options: { readonly freeAxes: readonly number[] }): Promise<void>;
  /** Get the current position of the arm in 3D space. */
  getCartesianPosition(): Promise<ArmPosition>;
  /** Get the current position of the arm in joint space. */
  getJointPosition(): Promise<JointPosition>;
  /** Stop any ongoing movement of the arm. */
  halt(): Promise<void>;
  /** Home the arm to its default position. */
  home(): Promise<void>;
  /** Is gripper closed. */
  isGripperClosed(): Promise<boolean>;
  /** Move the arm to a specified position in 3D space or joint space. */
  moveTo(options: { readonly position: ArmPosition | JointPosition }): Promise<void>;
  /** Move the arm to a predefined safe position. */
  moveToSafe(): Promise<void>;
  /** Open gripper. */
  openGripper(options: { readonly gripperWidthMm: number }): Promise<void>;
  /** Pick a plate from the specified position. */
  pickUpResource(options: {
    readonly position: ArmPosition | JointPosition;
    readonly plateWidthMm: number;
    readonly access?: VerticalAccess | HorizontalAccess;
    readonly backend?: ExperimentalSCARAPickUpResourceBackend;
  }): Promise<void>;
}

export const EXPERIMENTAL_SCARA: MethodPlans<ExperimentalSCARA> = {
  approach: { command: 'approach', arguments: { position: 'position', access: 'access' } },
  closeGripper: { command: 'close_gripper', arguments: { gripperWidthMm: 'gripper_width' } },
  dropResource: { command: 'drop_resource', arguments: { position: 'position', access: 'access' } },
  endFreedriveMode: { command: 'end_freedrive_mode' },
  freedriveMode: { command: 'freedrive_mode', arguments: { freeAxes: 'free_axes' } },
  getCartesianPosition: { command: 'get_cartesian_position' },
  getJointPosition: { command: 'get_joint_position' },
  halt: { command: 'halt' },
  home: { command: 'home' },
  isGripperClosed: { command: 'is_gripper_closed' },
  moveTo: { command: 'move_to', arguments: { position: 'position' } },
  moveToSafe: { command: 'move_to_safe' },
  openGripper: { command: 'open_gripper', arguments: { gripperWidthMm: 'gripper_width' } },
  pickUpResource: {
    command: 'pick_up_resource',
    arguments: { position: 'position', plateWidthMm: 'plate_width', access: 'access' },
    takesBackend: true,
  },
};
