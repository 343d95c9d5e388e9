import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'graphlab-nb:plugin',
  description: 'Shows graphs, live values and training curves of graphlab_nb, and steers the training.',
  autoStart: true,
  activate: (app: JupyterFrontEnd) => {
    console.debug('graphlab-nb is there', app.name);
  }
};

export default plugin;
