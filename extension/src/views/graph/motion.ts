import { between, ICamera, IRect } from './camera';

/** Milliseconds in which boxes and camera go to another place. */
const TRAVEL = 190;

/** Where the camera and the boxes are on their way to other places. */
export class Motion {
  camera: ICamera = { x: 0, y: 0, scale: 1 };
  /** Where boxes come from while they travel, else null. */
  before: ReadonlyMap<string, IRect> | null = null;
  /** How far they are: 1 is there. */
  progress = 1;

  /** Where the camera goes to, or is. */
  get goal(): ICamera {
    return this._flight?.to ?? this.camera;
  }

  get moving(): boolean {
    return this._flight !== null || this.before !== null;
  }

  /** Puts the camera to a place at once. */
  jump(camera: ICamera): void {
    this._flight = null;
    this.camera = camera;
  }

  fly(to: ICamera, now: number): void {
    this._flight = { from: this.camera, to, began: now };
  }

  /** Moves the camera along with what it looks at, on its way too. */
  shift(dx: number, dy: number): void {
    const shifted = (camera: ICamera) => ({ ...camera, x: camera.x + dx, y: camera.y + dy });
    this.camera = shifted(this.camera);
    if (this._flight) {
      this._flight = { ...this._flight, from: shifted(this._flight.from), to: shifted(this._flight.to) };
    }
  }

  /** Lets boxes travel from earlier places, or puts them where they belong. */
  travel(before: ReadonlyMap<string, IRect> | null, now: number): void {
    this.before = before;
    this.progress = before ? 0 : 1;
    this._began = now;
  }

  /** Goes on to a moment. */
  step(now: number, width: number, height: number): void {
    if (this._flight) {
      const { from, to, began } = this._flight;
      const t = eased((now - began) / TRAVEL);
      this.camera = t < 1 ? between(from, to, t, width, height) : to;
      this._flight = t < 1 ? this._flight : null;
    }
    this.progress = this.before ? eased((now - this._began) / TRAVEL) : 1;
    this.before = this.progress < 1 ? this.before : null;
  }

  private _flight: { from: ICamera; to: ICamera; began: number } | null = null;
  private _began = 0;
}

/** Fast at first, slow at the end: what moves is soon where the eye goes. */
export function eased(t: number): number {
  const x = Math.min(1, Math.max(0, t));
  return 1 - (1 - x) ** 3;
}
