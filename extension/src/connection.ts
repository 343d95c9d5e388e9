import { ISessionContext } from '@jupyterlab/apputils';
import { Kernel, KernelMessage } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';
import { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { TranslationBundle } from '@jupyterlab/translation';
import { Ask, Buffers, Model } from './model';
import { COMM_ID, IOpen, IReply, ISeriesChunk, ITick, KEY, VERSION } from './protocol';

/** Milliseconds between two signs of life; the kernel waits for several. */
const ALIVE = 2500;
/** How long an answer may take; the control channel answers while a cell runs, in some ten milliseconds. */
const PATIENCE = 15000;
/** How long the answer to a greeting may take before it is sent again: a kernel that restarts loses what it was sent. */
const HELLO = 3000;
/** So many greetings of a new kernel may go unanswered before it counts as lost; of one that says that it starts, more. */
const NEW = 2;
const STARTING = 10;
/** How long the shared connection may hold messages back after a reload, while a cell runs. */
const HELD_BACK = 4000;

/**
 * Speaks with the kernel of one notebook; nothing else in the panel does.
 *
 * Down come messages of a comm that nobody opens, found on the stream of all messages. Up go `comm_info_request`s on the control
 * channel, which are answered while a cell runs. Requests on the shell channel, and comms, would wait for the cell's end.
 */
export class Connection implements IDisposable {
  constructor(
    readonly model: Model,
    private _context: ISessionContext,
    private _trans: TranslationBundle
  ) {
    model.send = command => this.send(command);
    _context.kernelChanged.connect(this._onKernelChanged, this);
    _context.statusChanged.connect(this._onStatus, this);
    _context.connectionStatusChanged.connect(this._onLink, this);
    model.interestChanged.connect(this._lookSoon, this);
    this._timer = window.setInterval(() => this._look(), ALIVE);
    this._attach(_context.session?.kernel ?? null);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    if (this.model.link.state === 'connected') {
      void this.send({ op: 'bye' }).catch(() => undefined);
    }
    this._isDisposed = true;
    window.clearInterval(this._timer);
    window.clearTimeout(this._soon);
    this._attach(null);
    Signal.clearData(this);
  }

  /** Sends a command and waits for its answer. */
  async send(command: Ask, patience = PATIENCE): Promise<{ reply: IReply; buffers: Buffers }> {
    const kernel = this._clone ?? this._kernel;
    if (!kernel || kernel.isDisposed) {
      throw new Error(this._trans.__('The notebook has no kernel.'));
    }
    const content = {
      target_name: COMM_ID,
      [KEY]: { v: VERSION, id: UUID.uuid4(), client: this._client, ...this._outward(command) }
    };
    const message = KernelMessage.createMessage({
      msgType: 'comm_info_request',
      channel: 'control',
      session: kernel.clientId,
      username: kernel.username,
      content
    } as unknown as KernelMessage.IOptions<KernelMessage.ICommInfoRequestMsg>);
    const future = kernel.sendControlMessage(message as unknown as KernelMessage.IControlMessage, true, true);
    let timer = 0;
    const late = new Promise<never>((_, reject) => {
      timer = window.setTimeout(
        () => reject(new LateError(this._trans.__('The kernel did not answer within %1 seconds.', patience / 1000))),
        patience
      );
    });
    // The reply is enough: the kernel's word that it is idle again comes another way, and may be lost.
    const replied = new Promise<unknown>((resolve, reject) => {
      future.onReply = resolve;
      future.done.then(resolve, reject);
    });
    try {
      const answer = (await Promise.race([replied, late])) as KernelMessage.IMessage | undefined;
      const reply = (answer?.content as { [key: string]: unknown } | undefined)?.[KEY] as IReply | undefined;
      if (!reply) {
        throw new MissingError(this._trans.__('Nothing in this kernel answers: run a cell with "import graphlab_nb".'));
      }
      if (reply.problem !== undefined) {
        throw new Error(reply.problem);
      }
      return { reply, buffers: (answer?.buffers ?? []) as Buffers };
    } finally {
      window.clearTimeout(timer);
      if (!future.isDisposed) {
        future.dispose();
      }
    }
  }

  /** Says hello anew, as after the module was imported. */
  greet(): void {
    const turn = ++this._turn;
    this._greeting = true;
    void this._greet(turn)
      .catch(error => {
        if (turn === this._turn && !this._isDisposed) {
          this._failed += Number(error instanceof LateError);
          if (error instanceof LateError && this._mayBeStarting()) {
            this.model.setLink({ state: 'connecting', text: this._trans.__('Waiting for the kernel to answer …') });
            return; // the next greeting comes by itself
          }
          const state = error instanceof MissingError ? 'missing' : 'lost';
          this.model.setLink({ state, text: error instanceof Error ? error.message : String(error) });
        }
      })
      .finally(() => {
        this._greeting = this._greeting && turn !== this._turn;
      });
  }

  /** Whether the kernel that does not answer is new here: one that is being started is not yet lost. */
  private _mayBeStarting(): boolean {
    const { state } = this.model.link;
    const most = this._kernel?.status === 'starting' ? STARTING : NEW;
    return (state === 'connecting' || state === 'none') && this._failed < most;
  }

  /** Says hello where that is not under way: many signs of life would else begin it anew again and again. */
  private _greetOnce(): void {
    if (this.model.link.state !== 'connected' && !this._greeting) {
      this.greet();
    }
  }

  private async _greet(turn: number): Promise<void> {
    const kernel = this._kernel;
    if (!kernel) {
      this.model.setLink({ state: 'none', text: this._trans.__('The notebook has no kernel.') });
      return;
    }
    if (kernel.connectionStatus !== 'connected') {
      this.model.setLink({ state: 'connecting', text: this._trans.__('Connecting to the kernel …') });
      return; // the signal of the connection's status comes here again
    }
    // What is said of a problem stays until it is over: greetings go on, and words that come and go cannot be read.
    if (this.model.link.state !== 'connected' && this.model.link.state !== 'lost' && this._failed === 0) {
      this.model.setLink({ state: 'connecting', text: this._trans.__('Looking for graphlab_nb in the kernel …') });
    }
    const informed = await Promise.race([
      kernel.info.then(
        () => true,
        () => true
      ),
      new Promise<boolean>(resolve => window.setTimeout(() => resolve(false), 150))
    ]);
    if (turn !== this._turn || kernel.isDisposed) {
      return;
    }
    if ((!informed || this._failed > 1) && !this._clone) {
      // After a reload in mid-cell the shared connection holds all messages back for some seconds; one of our own does not.
      const clone = kernel.clone({ handleComms: false });
      this._clone = clone;
      window.setTimeout(() => this._dropClone(clone), HELD_BACK);
      if (!(await connected(clone, HELLO))) {
        this._dropClone(clone); // the next greeting tries another one
        throw new LateError(this._trans.__('The kernel did not answer within %1 seconds.', HELLO / 1000));
      }
    }
    this._missed = null;
    // A page that knows nothing yet gets what it shows first with the answer: asking for it then takes as long again.
    const first = this.model.graphs.size === 0 ? { first: 0 } : {};
    const { reply } = await this.send({ op: 'hello', interest: this.model.interest, ...first }, HELLO);
    if (turn !== this._turn || !reply.hello) {
      return;
    }
    this._failed = 0;
    this.model.greet(reply.hello);
    this.model.setLink({ state: 'connected', text: this._trans.__('graphlab_nb %1', reply.hello.version) });
    if (reply.chunk) {
      this.model.takeChunk(reply.chunk);
    }
    if (this._missed && isNews(this._missed, reply.hello.run.state)) {
      this.greet(); // what came meanwhile may be newer than the answer, and is not said twice
      return;
    }
    this._fetchGraphs();
    void this._fetchTimes().catch(() => undefined);
    await this._fetchPoints();
  }

  private _dropClone(clone: Kernel.IKernelConnection): void {
    if (this._clone === clone) {
      this._clone = null;
    }
    if (!clone.isDisposed) {
      clone.dispose();
    }
  }

  private _attach(kernel: Kernel.IKernelConnection | null): void {
    if (this._kernel) {
      this._kernel.iopubMessage.disconnect(this._onMessage, this);
    }
    if (this._clone) {
      this._dropClone(this._clone);
    }
    this._kernel = kernel;
    this._failed = 0;
    this._loading.clear();
    this._turn += 1;
    if (kernel && !this._isDisposed) {
      kernel.iopubMessage.connect(this._onMessage, this);
      this.greet();
    }
  }

  private _onKernelChanged(): void {
    this.model.clear();
    this._attach(this._context.session?.kernel ?? null);
    if (!this._kernel) {
      this.model.setLink({ state: 'none', text: this._trans.__('The notebook has no kernel.') });
    }
  }

  private _onStatus(_: unknown, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead') {
      this._turn += 1; // what was asked of the old kernel is not answered any more
      this._greeting = false;
      this.model.clear();
      this._loading.clear();
      this.model.setLink(
        status === 'dead'
          ? { state: 'lost', text: this._trans.__('The kernel has died.') }
          : { state: 'connecting', text: this._trans.__('The kernel is restarting …') }
      );
    } else if (status === 'idle' && this.model.link.state !== 'connected') {
      this._greetOnce();
    }
  }

  private _onLink(_: unknown, status: Kernel.ConnectionStatus): void {
    if (status === 'connected') {
      this.greet();
    } else if (this.model.link.state === 'connected') {
      this.model.setLink({ state: 'lost', text: this._trans.__('The connection to the kernel is lost.') });
    }
  }

  private _onMessage(_: unknown, message: KernelMessage.IIOPubMessage): void {
    if (!KernelMessage.isCommMsgMsg(message) || message.content.comm_id !== COMM_ID) {
      return;
    }
    const tick = message.content.data as unknown as ITick | IOpen;
    if (tick.v !== VERSION) {
      this.model.setLink({
        state: 'lost',
        text: this._trans.__(
          'The kernel speaks version %1 of the protocol and the panel %2: reload the page.',
          String(tick.v),
          VERSION
        )
      });
      return;
    }
    if (tick.type === 'here' && this.model.link.state !== 'connected') {
      this.greet(); // an answer that is under way may be from before the module was there
      return;
    }
    if (tick.type === 'tick' && this._greeting) {
      this._missed = { ...this._missed, ...tick };
    }
    if (tick.type !== 'tick' || this.model.link.state !== 'connected') {
      this._greetOnce();
      return;
    }
    const buffers = (message.buffers ?? []) as Buffers;
    const prefix = this._client + ':';
    const pictures = tick.pictures
      ?.filter(picture => picture.key.startsWith(prefix))
      .map(picture => ({ ...picture, key: picture.key.slice(prefix.length) }));
    const early = (tick.points ?? []).filter(chunk => this.model.lacks(chunk));
    this.model.tick({ ...tick, pictures }, buffers);
    if (early.length > 0 && this._pointing) {
      this._early.push([early, buffers]);
    } else if (early.length > 0 || (tick.series && this.model.waits)) {
      void this._fetchPoints().catch(() => undefined);
    }
    if (tick.graphs) {
      this._fetchGraphs();
    }
  }

  /** Pictures of several clients travel in one message, so their keys carry the client's name. */
  private _outward(command: Ask): Ask {
    const named = <T extends { key: string }>(picture: T): T => ({ ...picture, key: `${this._client}:${picture.key}` });
    const { interest } = command;
    return interest ? { ...command, interest: { ...interest, pictures: interest.pictures.map(named) } } : command;
  }

  private async _fetchPoints(): Promise<void> {
    if (this.model.series.size && !this._pointing) {
      this._pointing = true;
      try {
        const { reply, buffers } = await this.send({ op: 'points' });
        this.model.takePoints(reply.points ?? [], buffers);
        this._early.forEach(([points, buffers]) => this.model.takePoints(points, buffers));
      } finally {
        this._pointing = false;
        this._early = [];
      }
    }
  }

  /** Fetches what was measured before this page was there: ticks tell it once. */
  private async _fetchTimes(): Promise<void> {
    if (this.model.graphs.size > 0) {
      const { reply } = await this.send({ op: 'times' });
      reply.times?.forEach(times => this.model.takeTimes(times));
    }
  }

  /** Fetches what graphs have grown by, one part after the other. */
  private _fetchGraphs(): void {
    for (const [id, graph] of this.model.graphs) {
      if (graph.nodes.length < graph.info.size && !this._loading.has(id)) {
        this._loading.add(id);
        void this._fetchGraph(id)
          .catch(() => undefined)
          .then(() => this._loading.delete(id));
      }
    }
  }

  private async _fetchGraph(id: string): Promise<void> {
    for (;;) {
      const graph = this.model.graphs.get(id);
      if (!graph || graph.nodes.length >= graph.info.size || this._isDisposed) {
        return;
      }
      const before = graph.nodes.length;
      const { reply } = await this.send({ op: 'graph', graph: id, first: before });
      if (!reply.chunk || !reply.chunk.nodes.length) {
        return;
      }
      this.model.takeChunk(reply.chunk);
    }
  }

  private _lookSoon(): void {
    if (!this._soon) {
      this._soon = window.setTimeout(() => {
        this._soon = 0;
        this._look();
      }, 60);
    }
  }

  private _look(): void {
    const { state } = this.model.link;
    if (
      (state === 'lost' || state === 'connecting') &&
      !this._greeting &&
      this._kernel?.connectionStatus === 'connected'
    ) {
      this.greet();
      return;
    }
    if (this.model.link.state === 'connected' && !document.hidden) {
      if (this.model.waits) {
        void this._fetchPoints().catch(() => undefined);
      }
      void this.send({ op: 'look', interest: this.model.interest }).catch(error => {
        if (error instanceof MissingError) {
          this.greet();
        }
      });
    }
  }

  private _client = UUID.uuid4();
  private _kernel: Kernel.IKernelConnection | null = null;
  private _clone: Kernel.IKernelConnection | null = null;
  private _isDisposed = false;
  private _loading = new Set<string>();
  private _pointing = false;
  /** Points that came before the answer whose points they follow. */
  private _early: [ISeriesChunk[], Buffers][] = [];
  private _greeting = false;
  /** How many greetings in a row were not answered. */
  private _failed = 0;
  private _missed: ITick | null = null;
  private _turn = 0;
  private _timer: number;
  private _soon = 0;
}

/** Whether a tick tells more than a greeting's answer with this state, which may be of a moment before it. */
function isNews(tick: ITick, state: string): boolean {
  return tick.run.state !== state || Boolean(tick.graphs ?? tick.sessions ?? tick.series ?? tick.runs ?? tick.lanes);
}

/** The kernel is there, but nothing of ours in it. */
class MissingError extends Error {}

/** The kernel does not answer. */
class LateError extends Error {}

/** Whether a connection is there in time: one to a kernel that has just died may never be. */
function connected(kernel: Kernel.IKernelConnection, patience: number): Promise<boolean> {
  return new Promise(resolve => {
    const done = () => {
      if (kernel.connectionStatus === 'connected') {
        window.clearTimeout(timer);
        kernel.connectionStatusChanged.disconnect(done);
        resolve(true);
      }
    };
    const timer = window.setTimeout(() => {
      kernel.connectionStatusChanged.disconnect(done);
      resolve(false);
    }, patience);
    kernel.connectionStatusChanged.connect(done);
    done();
  });
}
